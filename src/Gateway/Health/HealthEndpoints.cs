using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Health;

/// <summary>The routes that report whether the process works.</summary>
internal sealed class HealthEndpoints(DatabaseProbe database, Readiness readiness, Startup startup, Liveness liveness)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/health", "getHealthHealth", "Whether the server and its database work", "health") { Answers = [typeof(HealthStatus)], IsPublic = true },
            HealthAsync);
        routes.MapOperation(
            new Operation("GET", "/health/ready", "getHealthReady", "Whether the server takes new runs; 503 while it stops", "health") { Answers = [typeof(HealthStatus)], IsPublic = true },
            async request =>
            {
                readiness.Require();
                return await HealthAsync(request);
            });
        routes.MapOperation(
            new Operation("GET", "/health/startup", "getHealthStartup", "Whether the start is over; 503 until interrupted runs are taken up", "health") { Answers = [typeof(HealthStatus)], IsPublic = true },
            _ => startup.IsComplete ? Task.FromResult(ApiResponse.Ok(new HealthStatus())) : throw ApiException.Detail(503, "The server is starting; try again in a moment."));
        routes.MapOperation(
            new Operation("GET", "/health/live", "getHealthLive", "Whether the process works, whatever the database does; 503 when the silo has failed", "health") { Answers = [typeof(HealthStatus)], IsPublic = true },
            async request => await liveness.FindProblemAsync(request.Aborted) is { } problem ? throw ApiException.Detail(503, problem) : ApiResponse.Ok(new HealthStatus()));
    }

    private async Task<ApiResponse> HealthAsync(ApiRequest request) =>
        // Not 503: the contract gives 400 and form E here.
        await database.FindProblemAsync(request.Aborted) is null ? ApiResponse.Ok(new HealthStatus()) : throw ApiException.Error(400, "Database is not connected");
}

/// <summary>The body of a health route that succeeds.</summary>
internal sealed record HealthStatus
{
    [Always, OneOf("healthy")]
    public string Status { get; init; } = "healthy";
}
