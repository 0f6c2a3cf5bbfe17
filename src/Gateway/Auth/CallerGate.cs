using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.Auth;

/// <summary>Finds the caller of a request by its token. An admin may name another user in <c>X-Act-As-User-Id</c>.</summary>
internal static partial class CallerGate
{
    private const string ActAsHeader = "X-Act-As-User-Id";

    /// <summary>The middleware that validates the token of a request before the rate limit, which counts by user.</summary>
    public static async Task ReadBeforeLimitsAsync(HttpContext context, RequestDelegate next)
    {
        if (!RequestMetrics.IsExcluded(context.Request.Path)) await ReadAsync(context);
        await next(context);
    }

    /// <summary>The user that <see cref="ReadBeforeLimitsAsync"/> found, or null.</summary>
    public static string? KnownUser(HttpContext context) => context.Features.Get<TokenResult>()?.Caller?.UserId;

    /// <summary>The caller of a route that is not public.</summary>
    /// <exception cref="ApiException">There is no valid token, it cannot be checked now, or its user may not act as the named user.</exception>
    public static async Task<Caller> RequireAsync(HttpContext context)
    {
        var result = await ReadAsync(context);
        context.RequestServices.GetRequiredService<GatewayMetrics>().CountToken("jwt", result.Caller is not null);
        if (result.Caller is not { } caller)
        {
            if (result.Failure == TokenFailure.Unverifiable) throw ApiException.Detail(StatusCodes.Status503ServiceUnavailable, result.Message);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw ApiException.Detail(StatusCodes.Status401Unauthorized, result.Message);
        }

        if (caller.Role is null) throw ApiException.Error(StatusCodes.Status500InternalServerError, "'role'");
        if (context.Request.Headers[ActAsHeader].ToString() is { Length: > 0 } other && other != caller.UserId)
        {
            if (!caller.IsAdmin) throw ApiException.Detail(StatusCodes.Status403Forbidden, $"Only admins may send {ActAsHeader}.");
            ActsAs(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(CallerGate)), caller.UserId, other.ReplaceLineEndings(" "), context.Request.Method, context.Request.Path);
            caller = caller with { UserId = other, Email = null, ActingAdmin = caller.UserId };
        }

        await context.RequestServices.GetRequiredService<KnownUsers>().EnsureAsync(caller, context.RequestServices.GetRequiredService<IGrainFactory>());
        return caller;
    }

    private static async ValueTask<TokenResult> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<TokenResult>() is { } known) return known;
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;
        var result = await context.RequestServices.GetRequiredService<AccessTokens>().ReadAsync(token, context.RequestAborted);
        context.Features.Set(result);
        return result;
    }

    [LoggerMessage(2001, LogLevel.Warning, "Admin {Admin} acts as {User}: {Method} {Path}")]
    private static partial void ActsAs(ILogger logger, string admin, string user, string method, string path);
}
