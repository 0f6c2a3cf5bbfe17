using System.Diagnostics;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests.Telemetry;

/// <summary>Nobody records spans here.</summary>
[Collection(Alone.Name)]
public sealed class UntracedTests
{
    private const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task The_callers_context_is_kept_and_given_to_blocks_after_a_crash_too()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Build();
        await cluster.StoreAsync(agent);
        var runId = cluster.Ids.NewId();
        await cluster.Run(runId).Start(GrainCluster.Command(agent) with { TraceParent = Caller });
        await cluster.Blocks.Gate("g").ArrivalAsync();
        Assert.Equal([Caller], cluster.Blocks.Calls.Select(call => call.Context));

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await cluster.Blocks.Gate("g").ArrivalAsync();
        Assert.Equal([Caller, Caller], cluster.Blocks.Calls.Select(call => call.Context));
        cluster.Blocks.Gate("g").Open();

        var run = await cluster.EndOfAsync(runId);
        Assert.Equal(Caller, RunSpecCodec.Read(run.Row.Spec.Span).TraceParent);
    }

    [Fact]
    public async Task Without_a_caller_nothing_is_kept_and_blocks_have_no_context()
    {
        await using var cluster = await GrainCluster.StartAsync();
        using var unrelated = new Activity("of somebody else").Start();
        var agent = cluster.NewAgent().Node("step", TestBlocks.Step, """{"value": 1}""").Build();
        var run = await cluster.RunToEndAsync(agent);

        Assert.Null(RunSpecCodec.Read(run.Row.Spec.Span).TraceParent);
        Assert.Null(Assert.Single(cluster.Blocks.Calls).Context);
    }

    [Fact]
    public void It_costs_no_allocation()
    {
        var work = new NodeWork
        {
            RunId = Guid.Empty,
            UserId = "",
            GraphId = Guid.Empty,
            GraphVersion = 1,
            NodeId = "",
            BlockId = "",
            Attempt = 1,
            Input = Interfaces.JsonPayload.EmptyObject,
        };
        Measure(work);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure(work);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Measure(NodeWork work)
    {
        for (var i = 0; i < 1000; i++)
        {
            using var span = NodeSpans.Begin(work, Guid.Empty, "block");
            NodeSpans.End(span, "COMPLETED");
        }
    }
}
