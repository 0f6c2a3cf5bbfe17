using System.Collections.Immutable;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Reviews;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

/// <summary>Runs that wait for a person (contract: semantics 2.12).</summary>
public sealed class ReviewTests
{
    private const string HumanInTheLoop = "8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d";
    private const string PrintToConsole = "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c";

    [Fact]
    public async Task A_run_waits_for_its_review_and_goes_on_with_the_approved_data()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Asking(cluster);
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);

        var review = Assert.Single(await StoreOf(cluster).WaitingAsync(GrainCluster.User, 0, 10, default));
        Assert.Equal((runId, "ask", "Look at this", true, "1"), (review.RunId, review.NodeId, review.Instructions, review.IsEditable, JsonValues.Compact(review.Payload)));
        Assert.Equal(ReviewOutcome.Done, (await cluster.Run(runId).Decide(Approve(review, "2", "better"))).Outcome);
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["2", "\"better\""], run.Results("approved").Concat(run.Results("message")));
        Assert.Equal((2, review.NodeExecutionId), (run.The("ask").Row.Attempt, run.The("ask").Row.Id));
        // first, ask, and the two outputs.
        Assert.Equal(4, run.Stat("node_exec_count"));
        var decided = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));
        Assert.Equal((ReviewState.Approved, true, true), (decided.State, decided.WasEdited, decided.IsProcessed));
        Assert.Empty(await StoreOf(cluster).WaitingAsync(GrainCluster.User, 0, 10, default));
    }

    [Fact]
    public async Task A_rejection_gives_the_data_to_the_other_pin_and_is_not_an_error()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Asking(cluster);
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);

        await cluster.Run(runId).Decide(Reject(Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default))));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 0L), (run.Status, run.Stat("node_error_count")));
        Assert.Equal(["1", "\"Execution rejected by reviewer\""], run.Results("rejected").Concat(run.Results("approved")).Concat(run.Results("message")));
    }

    [Fact]
    public async Task Decisions_are_refused_that_are_not_possible()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent()
            .Node("ask", HumanInTheLoop, """{"name": "Look", "data": 1, "editable": false}""").Node("other", TestBlocks.Step, """{"gate": "g"}""").Output("approved").Link("ask.approved_data", "approved.value").Build();
        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await cluster.UntilAsync(runId, run => run.The("ask").Row.Status == "REVIEW", "to pause its node");
        var review = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));

        var early = await cluster.Run(runId).Decide(Approve(review));
        cluster.Blocks.Gate("g").Open();
        await cluster.UntilAsync(runId, run => run.Status == "REVIEW", "to wait for its review");
        var edited = await cluster.Run(runId).Decide(Approve(review, "2"));
        var foreign = await cluster.Run(runId).Decide(Approve(review) with { UserId = "somebody" });
        var unknown = await cluster.Run(runId).Decide(Approve(review with { NodeExecutionId = Guid.NewGuid() }));

        Assert.Equal((ReviewOutcome.NotWaiting, "The run is RUNNING and does not wait for reviews."), (early.Outcome, early.Problem));
        Assert.Equal((ReviewOutcome.Invalid, $"Review {review.NodeExecutionId} is not editable; leave reviewed_data out."), (edited.Outcome, edited.Problem));
        Assert.Equal((ReviewOutcome.NotFound, ReviewOutcome.NotFound), (foreign.Outcome, unknown.Outcome));
        await cluster.Run(runId).Decide(Approve(review));
        Assert.Equal(["1"], (await cluster.EndOfAsync(runId)).Results("approved"));
    }

    [Fact]
    public async Task A_decision_counts_as_soon_as_the_row_shows_that_the_run_waits_also_when_the_run_has_no_answer_of_its_commit_yet()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Asking(cluster);
        await cluster.StoreAsync(agent);
        var (written, answered) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            var result = await append();
            if ((await cluster.ViewAsync(commit.RunId)).Status != "REVIEW") return result;
            written.TrySetResult();
            await answered.Task;
            return result;
        };
        var runId = await cluster.StartRunAsync(agent);
        await written.Task.WaitAsync(GrainCluster.Patience);
        var review = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));

        var deciding = cluster.Run(runId).Decide(Approve(review));
        // The run has taken the decision before it answers this call, which comes after it.
        Assert.Equal("RUNNING", (await cluster.Run(runId).GetState(GrainCluster.User))!.Status);
        answered.SetResult();

        Assert.Equal(ReviewOutcome.Done, (await deciding).Outcome);
        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task A_run_with_several_reviews_goes_on_after_the_last_one()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("a", HumanInTheLoop, """{"name": "A", "data": 1}""").Node("b", HumanInTheLoop, """{"name": "B", "data": 2}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);
        var reviews = await StoreOf(cluster).OfRunAsync(runId, default);

        await cluster.Run(runId).Decide(Approve(reviews[0]));
        Assert.Equal("REVIEW", (await cluster.ViewAsync(runId)).Status);
        Assert.Equal(ReviewOutcome.Done, (await cluster.Run(runId).Decide(Approve(reviews[0]))).Outcome);
        Assert.Equal(ReviewOutcome.Invalid, (await cluster.Run(runId).Decide(Reject(reviews[0]))).Outcome);
        await cluster.Run(runId).Decide(Approve(reviews[1]));

        Assert.Equal("COMPLETED", (await cluster.EndOfAsync(runId)).Status);
    }

    [Fact]
    public async Task Of_contradicting_decisions_at_the_same_time_one_is_refused()
    {
        await using var cluster = await GrainCluster.StartAsync();
        // The other review keeps the run waiting, so that both decisions meet it in review.
        var agent = cluster.NewAgent().Node("a", HumanInTheLoop, """{"name": "A", "data": 1}""").Node("b", HumanInTheLoop, """{"name": "B", "data": 2}""").Build();
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);
        var review = (await StoreOf(cluster).OfRunAsync(runId, default))[0];

        var answers = await Task.WhenAll(cluster.Run(runId).Decide(Approve(review)), cluster.Run(runId).Decide(Reject(review)));

        var state = (await StoreOf(cluster).OfRunAsync(runId, default)).Single(stored => stored.NodeExecutionId == review.NodeExecutionId).State;
        Assert.Equal(state == ReviewState.Approved ? [ReviewOutcome.Done, ReviewOutcome.Invalid] : [ReviewOutcome.Invalid, ReviewOutcome.Done], answers.Select(answer => answer.Outcome));
    }

    [Fact]
    public async Task A_node_whose_future_is_approved_does_not_ask_again_in_this_run()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("ask", HumanInTheLoop, """{"name": "Look"}""").Node("first", TestBlocks.Step, """{"value": 1}""").Node("second", HumanInTheLoop, """{"name": "B", "data": 2}""")
            .Link("first.value", "ask.data").Link("second.approved_data", "ask.data").Build();
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);
        var reviews = (await StoreOf(cluster).OfRunAsync(runId, default)).ToDictionary(review => review.NodeId, StringComparer.Ordinal);

        var approval = Approve(reviews["ask"]);
        await cluster.Run(runId).Decide(approval with { Items = [approval.Items[0] with { ApprovesFuture = true }, .. Approve(reviews["second"]).Items] });
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal(["1", "2"], run.Outputs("ask", "approved_data"));
        Assert.Equal(2, (await StoreOf(cluster).OfRunAsync(runId, default)).Count);
    }

    [Fact]
    public async Task Settings_of_the_graph_decide_what_is_asked()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("ask", HumanInTheLoop, """{"name": "Look", "data": 1}""").Node("print", PrintToConsole, """{"text": "x"}""").Output("message").Link("ask.review_message", "message.value").Build();
        await cluster.StoreAsync(agent);
        var grain = cluster.Grains.GetGrain<IGraphGrain>(Guid.Parse(agent.Id));

        Assert.False(await grain.SetSafety("somebody", reviewsHumanInTheLoop: false, reviewsSensitiveActions: true));
        Assert.True(await grain.SetSafety(GrainCluster.User, reviewsHumanInTheLoop: false, reviewsSensitiveActions: true));
        var runId = await PausedAsync(cluster, agent);
        var review = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));
        Assert.Equal(("print", "x"), (review.NodeId, review.Payload.GetProperty("text").GetString()));
        await cluster.Run(runId).Decide(Reject(review, "no thanks"));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(["\"Auto-approved (safe mode disabled)\""], run.Results("message"));
        Assert.Equal("FAILED", run.The("print").Row.Status);
        Assert.Contains("Block execution rejected by reviewer: no thanks", run.The("print").Row.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sub_agent_that_waits_keeps_its_parent_running()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var child = Asking(cluster);
        var agent = cluster.NewAgent().Agent("agent", child).Output("got").Link("agent.approved", "got.value").Build();
        await cluster.StoreAsync(agent, child);
        var runId = await cluster.StartRunAsync(agent);
        Review? review;
        while (true)
        {
            var commit = await cluster.NextCommitAsync();
            review = (await StoreOf(cluster).WaitingAsync(GrainCluster.User, 0, 1, default)).SingleOrDefault();
            if (review is not null) break;
            await commit.WaitAsync(GrainCluster.Patience);
        }

        await cluster.UntilAsync(review.RunId, run => run.Status == "REVIEW", "to wait");

        Assert.Equal("RUNNING", (await cluster.ViewAsync(runId)).Status);
        await cluster.Run(review.RunId).Decide(Approve(review));

        Assert.Equal(["1"], (await cluster.EndOfAsync(runId)).Results("got"));
    }

    [Fact]
    public async Task Stopping_a_run_closes_its_reviews()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Asking(cluster);
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);

        Assert.True(await cluster.Run(runId).Stop(GrainCluster.User));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("TERMINATED", "TERMINATED"), (run.Status, run.The("ask").Row.Status));
        var review = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));
        Assert.Equal((ReviewState.Rejected, true, ReviewRule.StoppedMessage), (review.State, review.IsProcessed, review.Message));
        Assert.Equal(ReviewOutcome.NotWaiting, (await cluster.Run(runId).Decide(Approve(review))).Outcome);
    }

    [Fact]
    public async Task A_review_is_charged_once_and_decided_on_another_silo_after_the_first_one_died()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = Asking(cluster);
        await cluster.StoreAsync(agent);
        var runId = await PausedAsync(cluster, agent);
        var review = Assert.Single(await StoreOf(cluster).OfRunAsync(runId, default));

        await cluster.KillAsync();
        Assert.Empty(await cluster.RecoverAsync());
        Assert.Equal("REVIEW", (await cluster.ViewAsync(runId)).Status);
        await cluster.Run(runId).Decide(Approve(review));
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal(("COMPLETED", 4L), (run.Status, run.Stat("node_exec_count")));
        Assert.Equal(["1"], run.Results("approved"));
        Assert.Equal(1, cluster.Blocks.Starts("first"));
    }

    internal static IReviewStore StoreOf(GrainCluster cluster) => cluster.Services.GetRequiredService<IReviewStore>();

    internal static Graph Asking(GrainCluster cluster) => cluster.NewAgent()
        .Node("first", TestBlocks.Step, """{"value": 1}""").Node("ask", HumanInTheLoop, """{"name": "Look at this"}""").Output("approved").Output("rejected").Output("message")
        .Link("first.value", "ask.data").Link("ask.approved_data", "approved.value").Link("ask.rejected_data", "rejected.value").Link("ask.review_message", "message.value").Build();

    internal static async Task<Guid> PausedAsync(GrainCluster cluster, Graph agent)
    {
        var runId = await cluster.StartRunAsync(agent);
        await cluster.UntilAsync(runId, run => run.Status == "REVIEW", "to wait for its review");
        return runId;
    }

    internal static DecideReviews Approve(Review review, string? data = null, string? message = null) => Decision(review, approved: true, data, message);

    internal static DecideReviews Reject(Review review, string? message = null) => Decision(review, approved: false, data: null, message);

    private static DecideReviews Decision(Review review, bool approved, string? data, string? message) => new()
    {
        UserId = GrainCluster.User,
        Items = ImmutableArray.Create(new ReviewItem
        {
            NodeExecutionId = review.NodeExecutionId,
            IsApproved = approved,
            Message = message,
            Data = data is null ? null : JsonPayload.Wrap(System.Text.Encoding.UTF8.GetBytes(data)),
        }),
    };
}
