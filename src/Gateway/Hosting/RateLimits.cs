using System.Globalization;
using System.Threading.RateLimiting;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Routing;
using Grainflow.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Hosting;

/// <summary>Limits the requests per caller: per user from all addresses, and per address for requests without a user.</summary>
internal static class RateLimits
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Configure(RateLimiterOptions limiter, GatewayOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        {
            // Probes and metrics are not limited: monitoring must work while the server is overloaded.
            if (RequestMetrics.IsExcluded(context.Request.Path)) return RateLimitPartition.GetNoLimiter("");
            if (context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { IsIngress: true })
            {
                return options.WebhooksPerMinute == 0
                    ? RateLimitPartition.GetNoLimiter("")
                    : RateLimitPartition.GetFixedWindowLimiter("webhooks from " + context.Connection.RemoteIpAddress, _ => new FixedWindowRateLimiterOptions { PermitLimit = options.WebhooksPerMinute, Window = Window });
            }

            if (options.RequestsPerMinute == 0) return RateLimitPartition.GetNoLimiter("");
            var caller = CallerGate.KnownUser(context) is { } user ? "user " + user : "address " + context.Connection.RemoteIpAddress;
            return RateLimitPartition.GetFixedWindowLimiter(caller, _ => new FixedWindowRateLimiterOptions { PermitLimit = options.RequestsPerMinute, Window = Window });
        });
        limiter.OnRejected = async (rejected, cancellationToken) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Window;
            rejected.HttpContext.RequestServices.GetRequiredService<GatewayMetrics>().CountRefusal(RequestMetrics.RouteOf(rejected.HttpContext));
            var response = rejected.HttpContext.Response;
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await response.WriteAsJsonAsync(new DetailBody($"More than {(rejected.HttpContext.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { IsIngress: true } ? options.WebhooksPerMinute : options.RequestsPerMinute)} requests in a minute; try again in {response.Headers.RetryAfter} seconds."), GatewayJson.Options, "application/json", cancellationToken);
        };
    }
}
