using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>A run that does not answer when it is to be stopped, as after the end of its silo.</summary>
public sealed class UnansweredStopTests
{
    [Fact]
    public async Task A_stop_is_repeated_until_the_run_answers()
    {
        await using var server = await FilteredServer.StartAsync();
        var (user, graph, run) = await RunningAsync(server);
        LoseStops(server, 2);

        var stopped = await user.PostAsync($"/api/graphs/{graph}/executions/{run}/stop");

        Assert.Equal((200, "RUNNING"), (stopped.Status, stopped.Json.Text("status")));
        Assert.Equal("TERMINATED", (await user.GetAsync($"/api/graphs/{graph}/executions/{run}")).Json.Text("status"));
    }

    [Fact]
    public async Task A_stop_that_is_not_answered_at_all_is_503_and_says_when_to_come_again()
    {
        await using var server = await FilteredServer.StartAsync();
        var (user, graph, run) = await RunningAsync(server);
        LoseStops(server, int.MaxValue);

        var refused = await user.PostAsync($"/api/graphs/{graph}/executions/{run}/stop");

        refused.IsDetail(503);
        Assert.Equal("1", refused.Headers["Retry-After"]);
        server.OnCall = null;
        Assert.Equal(200, (await user.PostAsync($"/api/graphs/{graph}/executions/{run}/stop")).Status);
    }

    private static async Task<(ApiClient User, string Graph, string Run)> RunningAsync(ApiServer server)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting(Guid.NewGuid().ToString()));
        var run = await user.UntilAsync(await user.ExecuteAsync(graph), state => state.Text("status") == "RUNNING");
        return (user, graph.Id(), run.Id());
    }

    /// <summary>Loses the next calls to stop a run.</summary>
    private static void LoseStops(FilteredServer server, int count) => server.OnCall = context =>
        context.InterfaceMethod.Name == nameof(IGraphExecutionGrain.Stop) && Interlocked.Decrement(ref count) >= 0 ? Task.FromException(new TimeoutException("The run cannot be reached.")) : context.Invoke();
}
