using System.Text.Json;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

public sealed class ServerTests
{
    [Fact]
    public async Task A_graph_is_created_executed_and_read_over_REST()
    {
        await using var place = await Workplace.CreateAsync();
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        var graph = await server.PostAsync("/api/graphs", $$"""{"graph": {{await File.ReadAllTextAsync(Repository.Example("greeting.json"))}}}""");
        var graphId = graph.GetProperty("id").GetString()!;

        var run = await server.PostAsync($"/api/graphs/{graphId}/execute/1", """{"inputs": {"name": "Ada", "language": "Latin"}}""");
        var runId = run.GetProperty("id").GetString()!;

        Assert.Equal("COMPLETED", await server.EndOfAsync(graphId, runId));
        var read = await server.GetAsync($"/api/graphs/{graphId}/executions/{runId}");
        Assert.StartsWith("Salve, Ada!", read.GetProperty("outputs").GetProperty("greeting")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(6, read.GetProperty("node_executions").GetArrayLength());
    }

    [Fact(Explicit = true)]
    public async Task The_command_line_lets_a_running_server_run_the_agent()
    {
        await using var place = await Workplace.CreateAsync();
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());

        var result = await place.RunAsync(Repository.Example("greeting.json"), "--input", "name=Ada");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("COMPLETED", result.Status);
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
        Assert.Equal(JsonValueKind.Array, (await server.GetAsync("/api/executions")).ValueKind);
    }
}
