using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Health;

/// <summary>Says whether the process works.</summary>
internal sealed class HealthEndpoints(DatabaseProbe database, Readiness readiness)
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
    }

    private async Task<ApiResponse> HealthAsync(ApiRequest request) =>
        // Not 503: the contract has it as an error of the rules.
        await database.FindProblemAsync(request.Aborted) is null ? ApiResponse.Ok(new HealthStatus()) : throw ApiException.Error(400, "Database is not connected");
}
