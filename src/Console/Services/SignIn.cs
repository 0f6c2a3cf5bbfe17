using Grainflow.Gateway.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.WebConsole.Services;

/// <summary>Signs a browser in with an access token of the platform, which it keeps in a cookie that scripts cannot read.</summary>
internal static class SignIn
{
    /// <summary>The cookie with the token.</summary>
    public const string Cookie = "grainflow_token";

    /// <summary>The page with the form.</summary>
    public const string Page = "/sign-in";

    /// <summary>Where the form is sent to.</summary>
    public const string Path = "/session";

    /// <summary>Where a browser is signed out.</summary>
    public const string OutPath = "/session/end";

    /// <summary>The token that a browser has; null without one.</summary>
    public static string? TokenOf(HttpContext context) => context.Request.Cookies[Cookie] is { Length: > 0 } token ? token : null;

    /// <summary>Lets a browser that has signed in read pages of the server that have no form of their own: its reading requests have the token of its cookie.</summary>
    /// <param name="app">The web host, before what checks tokens.</param>
    /// <param name="path">The path of the pages. They must not change anything when they are read.</param>
    public static void UseTokenOfCookie(this IApplicationBuilder app, string path) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) && request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase) && request.Headers.Authorization.Count == 0 && TokenOf(context) is { } token)
            request.Headers.Authorization = "Bearer " + token;
        return next(context);
    });

    /// <summary>Adds the routes of the form.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, async context =>
        {
            if (IsForeign(context.Request))
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var (token, back) = (form["token"].ToString().Trim(), Local(form["back"].ToString()));
            var read = await context.RequestServices.GetRequiredService<AccessTokens>().ReadAsync(token, context.RequestAborted);
            if (read.Caller is null)
            {
                context.Response.Redirect($"{Page}?problem={Uri.EscapeDataString(read.Message)}&back={Uri.EscapeDataString(back)}");
                return;
            }

            context.Response.Cookies.Append(Cookie, token, Options(context));
            context.Response.Redirect(back);
        }).DisableAntiforgery();
        routes.MapPost(OutPath, context =>
        {
            if (!IsForeign(context.Request)) context.Response.Cookies.Delete(Cookie, Options(context));
            context.Response.Redirect(Page);
            return Task.CompletedTask;
        }).DisableAntiforgery();
    }

    /// <summary>True for a form of another site: its token would sign the user in as somebody else.</summary>
    // The pages send no referrers, and with them browsers give the origin of a form as null; where they name the site, it is that which counts.
    private static bool IsForeign(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site
        ? site is not ("same-origin" or "none")
        : request.Headers.Origin.ToString() is { Length: > 0 } origin && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);

    private static string Local(string back) => back.StartsWith('/') && !back.StartsWith("//", StringComparison.Ordinal) && !back.Contains('\\', StringComparison.Ordinal) ? back : "/";

    private static CookieOptions Options(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" };
}
