using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Grainflow.Storage.Reviews;
using Grainflow.TestSupport;

namespace Grainflow.Storage.Tests.Reviews;

public sealed class ReviewStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private TestDatabase? _database;
    private Database? _access;

    private ReviewStore Store => new(_access!);

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _access = new Database(_database.DataSource);
    }

    public async ValueTask DisposeAsync()
    {
        await _access!.DisposeAsync();
        await _database!.DisposeAsync();
    }

    [Fact]
    public async Task A_request_is_stored_once_and_answered_with_its_decision()
    {
        var review = Review("n");
        Assert.Equal(ReviewState.Waiting, (await Store.RequestAsync(review, default)).State);
        Assert.Equal(ReviewState.Waiting, (await Store.RequestAsync(review with { Payload = JsonValues.Parse("2") }, default)).State);
        Assert.True(await Store.HasWaitingAsync(review.RunId, default));
        Assert.Equal("1", JsonValues.Compact(Assert.Single(await Store.OfRunAsync(review.RunId, default)).Payload));

        await Store.DecideAsync(review.RunId, [Decided(review, "3")], [], default);
        Assert.False(await Store.HasWaitingAsync(review.RunId, default));
        Assert.False(Assert.Single(await Store.FindAsync("user", [review.NodeExecutionId], default)).IsProcessed);
        var again = await Store.RequestAsync(review, default);

        Assert.Equal((ReviewState.Approved, "3", "fine", true), (again.State, JsonValues.Compact(again.Payload), again.Message, again.WasEdited));
        Assert.True(Assert.Single(await Store.OfRunAsync(review.RunId, default)).IsProcessed);
    }

    [Fact]
    public async Task A_review_that_is_decided_stays_as_it_is()
    {
        var review = Review("n");
        await Store.RequestAsync(review, default);
        Assert.True(await Store.DecideAsync(review.RunId, [Decided(review)], [], default));
        Assert.False(await Store.DecideAsync(review.RunId, [Decided(review) with { State = ReviewState.Rejected }], [], default));
        await Store.CloseAsync(review.RunId, Now, default);
        Assert.Equal(ReviewState.Approved, Assert.Single(await Store.OfRunAsync(review.RunId, default)).State);
    }

    [Fact]
    public async Task Of_several_decisions_all_are_stored_or_none()
    {
        var (first, second) = (Review("a"), Review("b"));
        second = second with { RunId = first.RunId };
        await Store.RequestAsync(first, default);
        await Store.RequestAsync(second, default);
        await Store.DecideAsync(first.RunId, [Decided(first)], [], default);

        Assert.False(await Store.DecideAsync(first.RunId, [Decided(first), Decided(second)], ["b"], default));
        Assert.True(await Store.HasWaitingAsync(first.RunId, default));
        Assert.Equal(ReviewState.Waiting, (await Store.RequestAsync(Review("b") with { RunId = first.RunId }, default)).State);
    }

    [Fact]
    public async Task Of_contradicting_decisions_at_the_same_time_one_is_stored()
    {
        for (var i = 0; i < 20; i++)
        {
            var review = Review("n");
            await Store.RequestAsync(review, default);
            var stored = await Task.WhenAll(new[] { ReviewState.Approved, ReviewState.Rejected, ReviewState.Approved }
                .Select(state => Store.DecideAsync(review.RunId, [Decided(review) with { State = state }], [], default)));
            Assert.Single(stored, isStored => isStored);
        }
    }

    [Fact]
    public async Task A_node_that_is_approved_without_asking_gets_its_present_payload_in_that_run_only()
    {
        var review = Review("n");
        await Store.DecideAsync(review.RunId, [], ["n", "n"], default);
        await Store.DecideAsync(review.RunId, [], ["n"], default);

        var approved = await Store.RequestAsync(review, default);
        Assert.Equal((ReviewState.Approved, "1"), (approved.State, JsonValues.Compact(approved.Payload)));
        Assert.Empty(await Store.OfRunAsync(review.RunId, default));
        Assert.Equal(ReviewState.Waiting, (await Store.RequestAsync(Review("n"), default)).State);
        Assert.Equal(ReviewState.Waiting, (await Store.RequestAsync(Review("m") with { RunId = review.RunId }, default)).State);
    }

    [Fact]
    public async Task Reviews_of_another_user_are_not_found()
    {
        var review = Review("n");
        await Store.RequestAsync(review, default);
        Assert.Empty(await Store.FindAsync("other", [review.NodeExecutionId], default));
    }

    [Fact]
    public async Task The_settings_of_a_graph_have_defaults_and_are_replaced()
    {
        IGraphSettingsStore settings = Store;
        var graph = Guid.NewGuid();
        Assert.Equal(new GraphSafety(true, false), await settings.FindAsync(graph, default));
        await settings.SetAsync(graph, new GraphSafety(false, true), default);
        await settings.SetAsync(graph, new GraphSafety(true, true), default);
        Assert.Equal(new GraphSafety(true, true), await settings.FindAsync(graph, default));
    }

    private static Review Decided(Review review, string? payload = null) => review with
    {
        State = ReviewState.Approved,
        Payload = payload is null ? review.Payload : JsonValues.Parse(payload),
        WasEdited = payload is not null,
        Message = "fine",
        ReviewedAt = Now,
    };

    private static Review Review(string node) => new()
    {
        NodeExecutionId = Guid.NewGuid(),
        RunId = Guid.NewGuid(),
        UserId = "user",
        GraphId = Guid.NewGuid(),
        GraphVersion = 1,
        NodeId = node,
        Payload = JsonValues.Parse("1"),
        IsEditable = true,
        CreatedAt = Now,
    };
}
