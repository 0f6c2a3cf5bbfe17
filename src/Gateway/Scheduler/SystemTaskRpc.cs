using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Hosting;
using Grainflow.Grains.Interfaces.Monitoring;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Scheduler;

/// <summary>Runs the tasks of the platform by hand: <c>/execute_...</c> for each of them, which answers with the result of the task.</summary>
/// <param name="grains">The grains.</param>
internal sealed class SystemTaskRpc(IGrainFactory grains) : IRpcMethods
{
    /// <inheritdoc/>
    public IEnumerable<RpcMethod> Methods => SystemTaskNames.All.Select(name => new RpcMethod($"/execute_{name}", (arguments, _) => RunAsync(name, arguments)));

    private async Task<JsonNode?> RunAsync(string name, JsonElement arguments)
    {
        if (name == SystemTaskNames.ExistingBatches) CheckBatches(arguments);
        var answer = await grains.GetGrain<ISystemTaskGrain>(name).Trigger();
        if (!answer.HasRun) throw new RpcException(StatusCodes.Status409Conflict, "RuntimeError", $"Another process runs {name} at the moment; try again when it has ended.");
        return answer.Status switch
        {
            { Error: { } error } => throw new RpcException(StatusCodes.Status500InternalServerError, "RuntimeError", error),
            { Result: { } result } => JsonNode.Parse(result.Memory.Span),
            _ => null,
        };
    }

    /// <summary>The one task with arguments: <c>kwargs</c> with <c>notification_types</c> and <c>cron</c>.</summary>
    private static void CheckBatches(JsonElement arguments)
    {
        if (!arguments.TryGetProperty("kwargs", out var kwargs) || kwargs.ValueKind != JsonValueKind.Object)
            throw RpcException.Wrong("kwargs must be an object with notification_types and cron.");
        if (!kwargs.TryGetProperty("notification_types", out var types) || types.ValueKind != JsonValueKind.Array || types.EnumerateArray().Any(type => type.ValueKind != JsonValueKind.String))
            throw RpcException.Wrong("kwargs.notification_types must be a list of texts, for example [\"AGENT_RUN\"].");
        if (!kwargs.TryGetProperty("cron", out var cron) || cron.ValueKind != JsonValueKind.String)
            throw RpcException.Wrong("kwargs.cron must be a text, for example \"0 * * * *\".");
    }
}

/// <summary>Whether the scheduler works: <c>"OK"</c>, or 500 while the server starts or stops.</summary>
/// <param name="startup">Whether the start is over.</param>
/// <param name="readiness">Whether the server stops.</param>
/// <param name="silos">Whether a silo is in reach.</param>
internal sealed class HealthRpc(Startup startup, Readiness readiness, SiloReach silos) : IRpcMethods
{
    /// <inheritdoc/>
    public IEnumerable<RpcMethod> Methods => [Method("/health_check"), Method("/health_check_async")];

    private RpcMethod Method(string path) => new(path, CheckAsync) { IsReadable = true };

    private Task<JsonNode?> CheckAsync(JsonElement arguments, CancellationToken cancellationToken) => FindProblem() is { } problem
        ? throw new RpcException(StatusCodes.Status500InternalServerError, "UnhealthyServiceError", problem)
        : Task.FromResult<JsonNode?>(JsonValue.Create("OK"));

    private string? FindProblem()
    {
        if (!startup.IsComplete) return "The scheduler is starting.";
        if (!readiness.IsReady) return "The scheduler is stopping.";
        return silos.IsInReach ? null : "No silo of the cluster is in reach.";
    }
}
