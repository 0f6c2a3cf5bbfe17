using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Hosting;

/// <summary>What the pages of a route may load, as metadata of the route.</summary>
/// <param name="Value">The value of the header <c>Content-Security-Policy</c>.</param>
public sealed record ContentPolicy(string Value);

/// <summary>The middleware that applies to every request.</summary>
internal static class EdgeMiddleware
{
    private const string DocsPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Adds headers that forbid browsers to guess content types, to show answers in frames, to send referrers and to cache. A route that needs scripts or styles of
    /// its own sets another content policy.
    /// </summary>
    public static Task AddSecurityHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state =>
        {
            var response = ((HttpContext)state).Response;
            var headers = response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            // Who has a link to a shared run may read it; a search engine that finds the link may not show it (contract: semantics 8.6).
            if (response.HttpContext.Request.Path.StartsWithSegments("/api/public/shared", StringComparison.Ordinal) || response.HttpContext.Request.Path.StartsWithSegments("/share", StringComparison.Ordinal))
                headers["X-Robots-Tag"] = "noindex";
            if (headers.ContentSecurityPolicy.Count == 0 && response.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ContentPolicy>() is { } policy) headers.ContentSecurityPolicy = policy.Value;
            if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true ? DocsPolicy : ApiPolicy;
            if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    /// <summary>Refuses requests of web pages of other origins while authentication is off, because every caller is then an administrator (decision 3).</summary>
    public static Func<HttpContext, RequestDelegate, Task> RefuseForeign(RequestOrigins origins) => (context, next) =>
        origins.Refusal(context.Request) is { } refusal ? throw ApiException.Detail(StatusCodes.Status403Forbidden, refusal) : next(context);

    /// <summary>Redirects a path whose trailing slash is missing or superfluous to the registered path (contract: errors.tsv, "trailing slash mismatch").</summary>
    public static Task RedirectTrailingSlash(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path.Length < 2 || context.GetEndpoint() is not { } endpoint) return next(context);
        var registered = (endpoint as RouteEndpoint)?.RoutePattern.RawText?.EndsWith('/') ?? false;
        if (path.EndsWith('/') == registered) return next(context);

        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = context.Request.PathBase + new PathString(registered ? path + "/" : path.TrimEnd('/')).ToUriComponent() + context.Request.QueryString;
        return Task.CompletedTask;
    }
}
