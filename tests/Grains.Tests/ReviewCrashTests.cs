using Grainflow.Engine.Reviews;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Reviews;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grainflow.Grains.Tests;

/// <summary>The process dies before and after each write of a review.</summary>
public sealed class ReviewCrashTests
{
    [Theory]
    [InlineData("request", false)]
    [InlineData("request", true)]
    [InlineData("paused", false)]
    [InlineData("paused", true)]
    [InlineData("decide", false)]
    [InlineData("decide", true)]
    [InlineData("reviewed", false)]
    [InlineData("reviewed", true)]
    [InlineData("again", false)]
    [InlineData("again", true)]
    public async Task A_review_is_asked_for_and_decided_once_whenever_the_process_dies(string step, bool after)
    {
        var crash = new Crash(step, after);
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Services = crash.Watch });
        cluster.Faults.OnAppend = (commit, append) => crash.AtAsync(commit.Events[0].Kind switch
        {
            "run_reviewed" => "reviewed",
            "node_ended" when System.Text.Encoding.UTF8.GetString(commit.Events[0].Body.Span).Contains("Review", StringComparison.Ordinal) => "paused",
            _ => "",
        }, append);
        var agent = ReviewTests.Asking(cluster);
        await cluster.StoreAsync(agent);

        var runId = await cluster.StartRunAsync(agent);
        if (step is "request" or "paused") await RestartAsync(cluster, crash);
        await cluster.UntilAsync(runId, run => run.Status == "REVIEW", "to wait for its review");
        var review = Assert.Single(await ReviewTests.StoreOf(cluster).OfRunAsync(runId, default));
        Assert.Equal(ReviewState.Waiting, review.State);

        var decision = cluster.Run(runId).Decide(ReviewTests.Approve(review, "2"));
        if (step is "decide" or "reviewed" or "again")
        {
            await RestartAsync(cluster, crash);
            await Task.WhenAny(decision);
            // Whoever was not answered asks again; the supervisor goes on with the run in any case where the decision is stored.
            if (step == "decide" && !after) await cluster.Run(runId).Decide(ReviewTests.Approve(review, "2"));
        }

        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal("2", Assert.Single(run.Results("approved")));
        Assert.Equal(4, run.Stat("node_exec_count"));
        Assert.Equal(1, cluster.Blocks.Starts("first"));
        Assert.Equal((ReviewState.Approved, true), Assert.Single((await ReviewTests.StoreOf(cluster).OfRunAsync(runId, default)).Select(stored => (stored.State, stored.IsProcessed))));
    }

    private static async Task RestartAsync(GrainCluster cluster, Crash crash)
    {
        await crash.Reached.WaitAsync(GrainCluster.Patience);
        await cluster.KillAsync();
        await cluster.RecoverAsync();
    }

    /// <summary>Holds the process at a step until it is killed.</summary>
    private sealed class Crash(string step, bool after)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _requests;
        private bool _done;

        public Task Reached => _reached.Task;

        public void Watch(IServiceCollection services)
        {
            services.RemoveAll<IReviewStore>();
            services.AddSingleton<IReviewStore>(provider => new HeldReviews(new ReviewStore(provider.GetRequiredService<Storage.Database>()), this));
        }

        public Task<T> RequestAsync<T>(Func<Task<T>> write) => AtAsync(Interlocked.Increment(ref _requests) == 1 ? "request" : "again", write);

        public async Task<T> AtAsync<T>(string at, Func<Task<T>> write)
        {
            if (at != step || _done) return await write();
            _done = true;
            if (after) await write();
            _reached.SetResult();
            // The process is gone; nothing follows.
            return await new TaskCompletionSource<T>().Task;
        }
    }

    private sealed class HeldReviews(IReviewStore store, Crash crash) : IReviewStore
    {
        public Task<Review> RequestAsync(Review review, CancellationToken cancellationToken) => crash.RequestAsync(() => store.RequestAsync(review, cancellationToken));

        public Task<IReadOnlyList<Review>> FindAsync(string userId, IReadOnlyCollection<Guid> nodeExecutionIds, CancellationToken cancellationToken) => store.FindAsync(userId, nodeExecutionIds, cancellationToken);

        public Task<IReadOnlyList<Review>> WaitingAsync(string userId, long offset, int limit, CancellationToken cancellationToken) => store.WaitingAsync(userId, offset, limit, cancellationToken);

        public Task<IReadOnlyList<Review>> OfRunAsync(Guid runId, CancellationToken cancellationToken) => store.OfRunAsync(runId, cancellationToken);

        public Task<bool> HasWaitingAsync(Guid runId, CancellationToken cancellationToken) => store.HasWaitingAsync(runId, cancellationToken);

        public Task<bool> DecideAsync(Guid runId, IReadOnlyList<Review> decided, IReadOnlyCollection<string> approvedNodes, CancellationToken cancellationToken) =>
            crash.AtAsync("decide", () => store.DecideAsync(runId, decided, approvedNodes, cancellationToken));

        public Task CloseAsync(Guid runId, DateTimeOffset now, CancellationToken cancellationToken) => store.CloseAsync(runId, now, cancellationToken);
    }
}
