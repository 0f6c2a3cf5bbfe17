using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

public sealed class TwoActivationsTests
{
    [Fact]
    public async Task A_report_to_an_activation_that_is_fenced_off_is_not_lost()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var log = cluster.Services.GetRequiredService<IExecutionLog>();

        var head = await log.OpenAsync(runId, host: null, CancellationToken.None);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["1"], run.Results("result"));
        Assert.Equal(1, cluster.Blocks.Starts("waiting"));
        Assert.Single(await cluster.KindsAsync(runId), kind => kind == "run_ended");
        var later = await log.OpenAsync(runId, host: null, CancellationToken.None);
        Assert.True(later!.Epoch > head!.Epoch + 1);
    }

    [Fact]
    public async Task Only_the_newest_session_of_a_run_can_append()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        var log = cluster.Services.GetRequiredService<IExecutionLog>();
        var old = await log.OpenAsync(runId, host: null, CancellationToken.None);
        await log.OpenAsync(runId, host: null, CancellationToken.None);

        var result = await log.Append(Intruder(runId, old!), CancellationToken.None).Committed;

        Assert.Equal(CommitOutcome.Stale, result.Outcome);
        cluster.Blocks.Gate("g").Open();
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task A_terminal_status_never_changes()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        cluster.Blocks.Gate("g").Open();
        var runId = await cluster.StartRunAsync(agent);
        var ended = await cluster.EndOfAsync(runId);
        var log = cluster.Services.GetRequiredService<IExecutionLog>();

        var head = await log.OpenAsync(runId, host: null, CancellationToken.None);
        var result = await log.Append(Intruder(runId, head!), CancellationToken.None).Committed;
        await cluster.Run(runId).Admit();
        await cluster.Run(runId).Resume();
        await cluster.Run(runId).Stop(GrainCluster.User);

        Assert.Equal(CommitOutcome.Closed, result.Outcome);
        var after = await cluster.ViewAsync(runId);
        Assert.Equal(("COMPLETED", ended.Row.EndedAt), (after.Status, after.Row.EndedAt));
        Assert.Equal("COMPLETED", (await cluster.Run(runId).GetState(GrainCluster.User))!.Status);
        Assert.Equal(1, cluster.Blocks.Starts("waiting"));
    }

    [Fact]
    public async Task An_activation_that_was_merely_given_up_takes_its_nodes_up_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Gated(cluster);
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();

        await cluster.Running.DeactivateAsync(cluster.Run(runId));
        Assert.Equal("RUNNING", (await cluster.Run(runId).GetState(GrainCluster.User))!.Status);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 1), (run.Status, run.The("waiting").Row.Attempt));
        Assert.Equal(1, cluster.Blocks.Starts("waiting"));
    }

    private static Engine.Graphs.Graph Gated(GrainCluster cluster) => cluster.NewAgent()
        .Node("waiting", TestBlocks.Step, """{"gate": "g", "value": 1}""").Output("result").Link("waiting.value", "result.value").Build();

    private static RunCommit Intruder(Guid runId, RunHead head) => new()
    {
        RunId = runId,
        UserId = GrainCluster.User,
        Epoch = head.Epoch,
        ExpectedSequence = head.LastSequence,
        Events = [new LogEvent { Kind = "run_ended", At = DateTimeOffset.UnixEpoch, Body = "{}"u8.ToArray() }],
        Run = new RunChange { Status = "FAILED" },
        At = DateTimeOffset.UnixEpoch,
    };
}
