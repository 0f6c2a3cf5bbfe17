using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Notifications;

namespace Grainflow.Storage.Tests.Monitoring;

public sealed class SystemTaskStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private readonly SystemTaskStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_task_is_due_after_one_interval_and_stays_so()
    {
        var name = fixture.NextUser();
        var row = await _store.EnsureAsync(name, Interval, isDueNow: false, Now, Token);
        Assert.Equal((Now + Interval, null, null, null), (row.DueAt, row.ClaimId, row.StartedAt, row.EndedAt));
        Assert.Equal(Now + Interval, (await _store.EnsureAsync(name, Interval, isDueNow: false, Now.AddHours(5), Token)).DueAt);
    }

    [Fact]
    public async Task A_task_that_runs_at_each_start_is_made_due()
    {
        var name = fixture.NextUser();
        await _store.EnsureAsync(name, Interval, isDueNow: false, Now, Token);
        Assert.Equal(Now.AddHours(1), (await _store.EnsureAsync(name, Interval, isDueNow: true, Now.AddHours(1), Token)).DueAt);
        Assert.Equal(Now.AddHours(1), (await _store.EnsureAsync(name, Interval, isDueNow: true, Now.AddHours(2), Token)).DueAt);
    }

    [Fact]
    public async Task A_task_without_an_interval_is_never_due()
    {
        var name = fixture.NextUser();
        Assert.Null((await _store.EnsureAsync(name, interval: null, isDueNow: false, Now, Token)).DueAt);
    }

    [Fact]
    public async Task A_shorter_interval_holds_at_once_and_is_counted_from_the_last_run()
    {
        var name = fixture.NextUser();
        var row = await _store.EnsureAsync(name, Interval, isDueNow: true, Now, Token);
        Assert.True(await _store.ClaimAsync(row, Claim(Now + Interval), Token));
        Assert.Equal(Now.AddHours(2), (await _store.EnsureAsync(name, TimeSpan.FromHours(2), isDueNow: false, Now.AddHours(1), Token)).DueAt);
    }

    [Fact]
    public async Task Of_many_claims_on_the_same_row_one_wins()
    {
        var row = await _store.EnsureAsync(fixture.NextUser(), Interval, isDueNow: true, Now, Token);
        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _store.ClaimAsync(row, Claim(Now + Interval), Token)));
        Assert.Equal(1, won.Count(claimed => claimed));
    }

    [Fact]
    public async Task A_claim_replaces_the_run_that_was_read_and_no_other()
    {
        var row = await _store.EnsureAsync(fixture.NextUser(), Interval, isDueNow: true, Now, Token);
        var lost = Claim(Now + Interval);
        await _store.ClaimAsync(row, lost, Token);
        var read = await _store.EnsureAsync(row.Name, Interval, isDueNow: false, Now, Token);
        Assert.Equal((lost.Id, "silo"), (read.ClaimId, read.Host));
        Assert.True(await _store.ClaimAsync(read, Claim(Now + Interval), Token));
        Assert.False(await _store.ClaimAsync(read, Claim(Now + Interval), Token));
        Assert.Null(await _store.EndAsync(row.Name, lost.Id, End(), Token));
    }

    [Fact]
    public async Task An_end_keeps_the_result_and_frees_the_task_once()
    {
        var row = await _store.EnsureAsync(fixture.NextUser(), Interval, isDueNow: true, Now, Token);
        var claim = Claim(Now + Interval);
        await _store.ClaimAsync(row, claim, Token);

        Assert.Empty((await _store.EndAsync(row.Name, claim.Id, End(), Token))!);
        Assert.Null(await _store.EndAsync(row.Name, claim.Id, End(), Token));

        var ended = await _store.EnsureAsync(row.Name, Interval, isDueNow: false, Now, Token);
        Assert.Equal((null, null, Now, Now.AddMinutes(1), "\"done\"", null), (ended.ClaimId, ended.Host, ended.StartedAt, ended.EndedAt, Text.Of(ended.Result!.Value), ended.Error));
    }

    [Fact]
    public async Task The_events_of_a_run_are_written_with_its_end_or_not_at_all()
    {
        var row = await _store.EnsureAsync(fixture.NextUser(), Interval, isDueNow: true, Now, Token);
        var claim = Claim(Now + Interval);
        await _store.ClaimAsync(row, claim, Token);
        var known = Event(fixture.NextUser());
        Assert.True(await new NotificationEventStore(fixture.Source).AddAsync(known, Token));
        var (first, second) = (Event(fixture.NextUser()), Event(fixture.NextUser()));

        Assert.Null(await _store.EndAsync(row.Name, fixture.NextId(), End() with { Events = [first] }, Token));
        Assert.Equal(0, await CountAsync(first.Key));
        Assert.Equal([first, second], await _store.EndAsync(row.Name, claim.Id, End() with { Events = [first, known, second] }, Token));
        Assert.Equal(1, await CountAsync(first.Key));
    }

    [Fact]
    public async Task An_event_with_a_key_that_is_there_writes_nothing()
    {
        var store = new NotificationEventStore(fixture.Source);
        var notification = Event(fixture.NextUser());
        Assert.True(await store.AddAsync(notification, Token));
        Assert.False(await store.AddAsync(notification with { Type = "OTHER" }, Token));
        Assert.Equal(1, await fixture.Source.ScalarAsync("SELECT count(*) FROM notification_events WHERE key = $1 AND type = 'SOME' AND channel = 'platform' AND user_id IS NULL AND data ->> 'a' = '1'", notification.Key));
    }

    [Fact]
    public async Task An_event_has_an_owner_or_a_channel()
    {
        var store = new NotificationEventStore(fixture.Source);
        Assert.True(await store.AddAsync(Event(fixture.NextUser()) with { Channel = null, UserId = "user" }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.AddAsync(Event(fixture.NextUser()) with { UserId = "user" }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.AddAsync(Event(fixture.NextUser()) with { Channel = null }, Token));
    }

    private Task<long> CountAsync(string key) => fixture.Source.ScalarAsync("SELECT count(*) FROM notification_events WHERE key = $1", key);

    private SystemTaskClaim Claim(DateTimeOffset next) => new(fixture.NextId(), "silo", Now, next);

    private static SystemTaskEnd End() => new(Now.AddMinutes(1), Text.Json("\"done\""), Error: null, [], Late: null);

    private static NotificationEvent Event(string key) => new() { Key = key, Type = "SOME", Channel = "platform", Data = Text.Json("""{"a":1}"""), CreatedAt = Now };
}
