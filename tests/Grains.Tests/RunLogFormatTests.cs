using System.Text;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests;

/// <summary>The log outlives the version that wrote it: whatever changes here breaks the runs that are under way.</summary>
public sealed class RunLogFormatTests
{
    [Fact]
    public async Task The_log_of_a_simple_run_is_written_as_it_always_was()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = new ManualClock() });
        var agent = cluster.NewAgent().Input("text").Node("priced", TestBlocks.PricedStep, """{"tier": 5}""").Node("bad", TestBlocks.Failing, """{"message": "no"}""")
            .Link("text.result", "priced.value").Link("priced.value", "bad.value").Build();

        var run = await cluster.RunToEndAsync(agent, new { text = "hi" });

        // The next node may be dispatched by an output before the end of its node is reported, so the order of the events is that of each node.
        var lines = await LinesAsync(cluster, run.Row.Id);
        Assert.Equal(Enumerable.Range(1, 12).Select(number => (long)number), (await cluster.EventsAsync(run.Row.Id)).Select(logged => logged.Sequence));
        Assert.StartsWith("run_started", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("run_ended", lines[^1], StringComparison.Ordinal);
        string[] nodes = ["<text>", "<priced>", "<bad>"];
        Assert.Equal(
            """
            run_started {"at":"2026-01-15T12:00:00+00:00"}
            run_ended {"status":"Completed","at":"2026-01-15T12:00:00+00:00"}
            node_dispatched {"node_execution_id":"<text>","attempt":1,"host":"<host>","at":"2026-01-15T12:00:00+00:00"}
            node_output {"node_execution_id":"<text>","attempt":1,"at":"2026-01-15T12:00:00+00:00"} 0 result "hi"
            node_ended {"node_execution_id":"<text>","attempt":1,"status":"Completed","stats":{"input_size":28,"output_size":4},"at":"2026-01-15T12:00:00+00:00"}
            node_dispatched {"node_execution_id":"<priced>","attempt":1,"host":"<host>","price":5,"reports_begin":true,"at":"2026-01-15T12:00:00+00:00"}
            node_began {"node_execution_id":"<priced>","attempt":1,"host":"<host>","start":1,"at":"2026-01-15T12:00:00+00:00"}
            node_output {"node_execution_id":"<priced>","attempt":1,"at":"2026-01-15T12:00:00+00:00"} 0 value "hi"
            node_ended {"node_execution_id":"<priced>","attempt":1,"status":"Completed","charged":5,"stats":{"input_size":23,"output_size":4},"at":"2026-01-15T12:00:00+00:00"}
            node_dispatched {"node_execution_id":"<bad>","attempt":1,"host":"<host>","reports_begin":true,"at":"2026-01-15T12:00:00+00:00"}
            node_began {"node_execution_id":"<bad>","attempt":1,"host":"<host>","start":2,"at":"2026-01-15T12:00:00+00:00"}
            node_ended {"node_execution_id":"<bad>","attempt":1,"status":"Failed","error":"raised by Failing with message: no. block_id: 00000000-0000-4000-8000-000000000004","stats":{"input_size":29},"at":"2026-01-15T12:00:00+00:00"} 2147483647 error "raised by Failing with message: no. block_id: 00000000-0000-4000-8000-000000000004"
            """,
            string.Join('\n', lines.OrderBy(line => Array.FindIndex(nodes, node => line.Contains(node, StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task What_was_written_can_be_read_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("bad", TestBlocks.Failing, """{"outputs": 2, "message": "no"}""").Node("step", TestBlocks.Step, """{"gate": "g"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.UntilAsync(runId, run => run.The("bad").Row.Status == "FAILED", "whose node has failed");
        await cluster.Run(runId).Stop(GrainCluster.User);
        await cluster.EndOfAsync(runId);

        foreach (var logged in await cluster.EventsAsync(runId))
        {
            var runEvent = RunEventCodec.Read(logged.Kind, logged.Body.Span, logged.Output is { } output ? (output.Pin, JsonValues.ParseUtf8(output.Value.Span)) : null);
            Assert.Equal(logged.Kind, RunEventCodec.Kind(runEvent));
            Assert.Equal(Encoding.UTF8.GetString(logged.Body.Span), Encoding.UTF8.GetString(RunEventCodec.Body(runEvent)));
        }
    }

    private static async Task<IReadOnlyList<string>> LinesAsync(GrainCluster cluster, Guid runId)
    {
        var run = await cluster.ViewAsync(runId);
        var lines = new List<string>();
        foreach (var logged in await cluster.EventsAsync(runId))
        {
            var line = $"{logged.Kind} {Encoding.UTF8.GetString(logged.Body.Span)}";
            if (logged.Output is { } output) line += $" {output.Ordinal} {output.Pin} {Encoding.UTF8.GetString(output.Value.Span)}";
            foreach (var node in run.Nodes) line = line.Replace(node.Row.Id.ToString(), $"<{node.Row.NodeId}>", StringComparison.Ordinal);
            lines.Add(line.Replace(run.Nodes[0].Row.Host!, "<host>", StringComparison.Ordinal));
        }

        return lines;
    }
}
