using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class StreamingTests
{
    [Theory]
    [InlineData(40, 0)]
    [InlineData(6, 400_000)]
    public async Task Outputs_arrive_downstream_in_order_while_the_block_still_runs(int count, int bytes)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Streaming(cluster, $$"""{"count": {{count}}, "bytes": {{bytes}}, "gate": "end"}""");
        await cluster.StoreAsync(agent);

        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("end").ArrivalAsync();
        var running = await cluster.UntilAsync(
            runId, run => run.Of("result").Count(node => node.Row.Status == "COMPLETED") == count, "whose outputs have arrived");
        cluster.Blocks.Gate("end").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("RUNNING", running.The("stream").Row.Status);
        Assert.All(running.Of("result"), node => Assert.NotNull(node.Row.EndedAt));
        Assert.Equal("COMPLETED", run.Status);
        var expected = Enumerable.Range(0, count).Select(i => $"\"{i}{new string('.', bytes)}\"").ToList();
        Assert.Equal(expected, run.Outputs("stream", "value"));
        Assert.Equal(expected, run.Results("result"));
        Assert.Equal(Enumerable.Range(0, count), run.The("stream").Outputs.Select(output => output.Ordinal));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(300_000, 4)]
    public async Task An_endless_block_is_held_back_until_its_outputs_are_recorded(int bytes, int most)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var endless = Streaming(cluster, $$"""{"bytes": {{bytes}}}""");
        var other = cluster.NewAgent().Node("step", TestBlocks.Step).Build();
        await cluster.StoreAsync(endless);
        var held = new TaskCompletionSource();
        var letOn = new TaskCompletionSource();
        cluster.Faults.OnFirstAppend(commit => commit.Events.Any(logged => logged.Kind == "node_output"), async append =>
        {
            held.SetResult();
            await letOn.Task;
            return await append();
        });

        var runId = await cluster.StartRunAsync(endless);
        await held.Task.WaitAsync(GrainCluster.Patience);
        // The silo has time for everything else meanwhile.
        await cluster.RunToEndAsync(other);
        var whileHeld = cluster.Blocks.Emitted("stream");
        letOn.SetResult();
        await cluster.UntilAsync(runId, run => run.Outputs("stream", "value").Count > 3 * most, "that goes on");
        await cluster.Run(runId).Stop(GrainCluster.User);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(most, whileHeld);
        Assert.Equal("TERMINATED", run.Status);
        Assert.InRange(cluster.Blocks.Emitted("stream") - run.Outputs("stream", "value").Count, 0, most);
    }

    [Fact]
    public async Task Not_more_than_sixteen_outputs_or_a_megabyte_and_the_last_value_are_in_one_report()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var sizes = new System.Collections.Concurrent.ConcurrentQueue<int>();
        cluster.Faults.OnAppend = (commit, append) =>
        {
            sizes.Enqueue(commit.Events.Count(logged => logged.Kind == "node_output"));
            return append();
        };

        var agent = cluster.NewAgent().Node("stream", TestBlocks.Stream, """{"count": 100}""").Build();
        await cluster.RunToEndAsync(agent);

        Assert.Equal(100, sizes.Sum());
        Assert.InRange(sizes.Max(), 1, 16);
    }

    private static Engine.Graphs.Graph Streaming(GrainCluster cluster, string constants) =>
        cluster.NewAgent().Node("stream", TestBlocks.Stream, constants).Output("result").Link("stream.value", "result.value").Build();
}
