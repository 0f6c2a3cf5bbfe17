using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Telemetry;

/// <summary>One trace for a run, with its nodes and its sub-agents below its first span.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Secret = "marked-5e7b";

    private readonly RecordedSpans _spans = new("Grainflow");

    [Fact]
    public async Task A_run_is_part_of_its_callers_trace_and_its_nodes_hang_below_its_beginning()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Input("text").Node("step", TestBlocks.Step).Output("result")
            .Link("text.result", "step.value").Link("step.value", "result.value").Build();
        var caller = NewContext();
        var run = await RunAsync(cluster, agent, caller, new { text = Secret });

        var spans = await EndedAsync(cluster, run.Row.Id);

        Assert.All(spans, span => Assert.Equal(caller.TraceId, span.TraceId));
        var start = The(spans, "graph_execution_start");
        Assert.Equal((caller.SpanId, ActivityKind.Producer), (start.ParentSpanId, start.Kind));
        var nodes = spans.Where(span => span.OperationName == "node_execution").ToList();
        Assert.Equal(["result", "step", "text"], nodes.Select(node => (string)node.GetTagItem("grainflow.node_id")!).Order(StringComparer.Ordinal));
        Assert.All(nodes, node => Assert.Equal(start.SpanId, node.ParentSpanId));
        var step = nodes.Single(node => (string)node.GetTagItem("grainflow.node_id")! == "step");
        Assert.Equal(
            [("grainflow.attempt", 1), ("grainflow.block", "Step"), ("grainflow.node_execution_id", run.The("step").Row.Id.ToString()), ("grainflow.node_id", "step"), ("grainflow.run_id", run.Row.Id.ToString()), ("grainflow.status", "COMPLETED")],
            step.TagObjects.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));
        var whole = The(spans, "graph_execution");
        Assert.Equal(start.SpanId, whole.ParentSpanId);
        Assert.Equal(("COMPLETED", agent.Id, 1, 3), (whole.GetTagItem("grainflow.status"), whole.GetTagItem("grainflow.graph_id"), whole.GetTagItem("grainflow.graph_version"), whole.GetTagItem("grainflow.node_executions")));
        Assert.Equal((run.Row.CreatedAt, run.Row.EndedAt!.Value), (Micros(whole.StartTimeUtc), Micros(whole.StartTimeUtc + whole.Duration)));
        Assert.DoesNotContain(Secret, string.Join('\n', spans.Select(RecordedSpans.Describe)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_caller_the_run_begins_a_trace()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var run = await RunAsync(cluster, Single(cluster), caller: null);

        var spans = await EndedAsync(cluster, run.Row.Id);

        var start = The(spans, "graph_execution_start");
        Assert.Equal(default, start.ParentSpanId);
        Assert.All(spans.Where(span => span != start), span => Assert.Equal((start.TraceId, start.SpanId), (span.TraceId, span.ParentSpanId)));
    }

    [Fact]
    public async Task What_is_no_context_is_passed_over()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Single(cluster);
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(agent) with { TraceParent = "00-no-context\r\nX: y" })).Accepted);
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
        Assert.Equal(default, The(await EndedAsync(cluster, runId), "graph_execution_start").ParentSpanId);
    }

    [Fact]
    public async Task A_failure_is_marked_without_its_text()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("bad", TestBlocks.Failing, $$"""{"message": "{{Secret}}"}""").Build();
        var run = await RunAsync(cluster, agent, NewContext());
        Assert.Contains(Secret, run.The("bad").Row.Error, StringComparison.Ordinal);

        var spans = await EndedAsync(cluster, run.Row.Id);

        var node = The(spans, "node_execution");
        Assert.Equal(("FAILED", ActivityStatusCode.Error, null), (node.GetTagItem("grainflow.status"), node.Status, node.StatusDescription));
        Assert.DoesNotContain(Secret, string.Join('\n', spans.Select(RecordedSpans.Describe)), StringComparison.Ordinal);
        Assert.All(spans, span => Assert.DoesNotContain(span.Events, happened => happened.Name != "started"));
    }

    [Fact]
    public async Task The_run_of_a_sub_agent_hangs_below_the_node_that_started_it()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step, """{"value": 1}""").Output("result").Link("step.value", "result.value").Build();
        var parent = cluster.NewAgent("Parent").Agent("sub", child).Build();
        await cluster.StoreAsync(parent, child);
        var runId = cluster.Ids.NewId();
        var caller = NewContext();
        await cluster.Run(runId).Start(GrainCluster.Command(parent) with { TraceParent = Text(caller) });
        var run = await cluster.EndOfAsync(runId);

        // The number of the run counts the two of its sub-agent.
        var above = await EndedAsync(cluster, runId, elsewhere: 2);
        var below = await EndedAsync(cluster, NodeExecutionIds.ChildRun(run.The("sub").Row.Id));

        Assert.All(below, span => Assert.Equal(caller.TraceId, span.TraceId));
        Assert.Equal(The(above, "node_execution").SpanId, The(below, "graph_execution_start").ParentSpanId);
        Assert.Equal(2, below.Count(span => span.OperationName == "node_execution" && span.ParentSpanId == The(below, "graph_execution_start").SpanId));
        Assert.Equal("COMPLETED", The(below, "graph_execution").GetTagItem("grainflow.status"));
    }

    [Fact]
    public async Task After_a_crash_the_run_goes_on_in_its_trace()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        var caller = NewContext();
        await cluster.Run(runId).Start(GrainCluster.Command(agent) with { TraceParent = Text(caller) });
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        var spans = await EndedAsync(cluster, runId);

        var start = The(spans, "graph_execution_start");
        var again = spans.Single(span => span.GetTagItem("grainflow.attempt") is 2);
        Assert.Equal((caller.TraceId, start.SpanId, "COMPLETED"), (again.TraceId, again.ParentSpanId, again.GetTagItem("grainflow.status")));
        // One span for the run as a whole, over both processes.
        var whole = The(spans, "graph_execution");
        Assert.Equal((start.SpanId, run.Row.CreatedAt), (whole.ParentSpanId, Micros(whole.StartTimeUtc)));
    }

    [Fact]
    public async Task A_stopped_run_and_its_node_say_so()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "never"}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("never").ArrivalAsync();
        await cluster.Run(runId).Stop(GrainCluster.User);
        await cluster.EndOfAsync(runId);

        var spans = await EndedAsync(cluster, runId);

        Assert.Equal(("TERMINATED", ActivityStatusCode.Unset), (The(spans, "graph_execution").GetTagItem("grainflow.status"), The(spans, "graph_execution").Status));
        Assert.Equal("TERMINATED", The(spans, "node_execution").GetTagItem("grainflow.status"));
    }

    public void Dispose() => _spans.Dispose();

    private static Activity The(IEnumerable<Activity> spans, string name) => Assert.Single(spans, span => span.OperationName == name);

    private static Graph Single(GrainCluster cluster) =>
        cluster.NewAgent().Node("step", TestBlocks.Step, """{"value": 1}""").Build();

    private static ActivityContext NewContext() => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private static string Text(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-01";

    /// <summary>As exactly as the database keeps it.</summary>
    private static DateTimeOffset Micros(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private static async Task<RunView> RunAsync(GrainCluster cluster, Graph agent, ActivityContext? caller, object? inputs = null)
    {
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        Assert.True((await cluster.Run(runId).Start(GrainCluster.Command(agent, inputs) with { TraceParent = caller is { } context ? Text(context) : null })).Accepted);
        return await cluster.EndOfAsync(runId);
    }

    /// <summary>All spans of a run, once those of its end and of all node executions that it had are there.</summary>
    private async Task<IReadOnlyList<Activity>> EndedAsync(GrainCluster cluster, Guid runId, int elsewhere = 0)
    {
        // Clusters of other tests have runs of the same ids, and traces of their own.
        var kept = ActivityContext.Parse(RunSpecCodec.Read((await cluster.ViewAsync(runId)).Row.Spec.Span).TraceParent!, null);
        return await _spans.UntilAsync(
            span => span.TraceId == kept.TraceId && (string?)span.GetTagItem("grainflow.run_id") == runId.ToString(),
            spans => spans.FirstOrDefault(span => span.OperationName == "graph_execution") is { } whole && Executions(spans) >= (int)whole.GetTagItem("grainflow.node_executions")! - elsewhere);
    }

    private static int Executions(IEnumerable<Activity> spans) => spans
        .Where(span => span.OperationName == "node_execution" && span.GetTagItem("grainflow.status") is not ("LOST" or "STALE" or "INTERRUPTED"))
        .DistinctBy(span => span.GetTagItem("grainflow.node_execution_id")).Count();
}
