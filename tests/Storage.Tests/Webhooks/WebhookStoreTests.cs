using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;

namespace Grainflow.Storage.Tests.Webhooks;

public class WebhookStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly WebhookStore _webhooks = new(fixture.Source);
    private readonly PresetStore _presets = new(fixture.Source);
    private readonly DeliveryStore _deliveries = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_found_as_it_was_stored_and_changed()
    {
        var webhook = await WebhookAsync();
        Assert.Equivalent(webhook with { Config = default, SealedSecret = default }, (await _webhooks.FindAsync(webhook.Id, Token))! with { Config = default, SealedSecret = default }, strict: true);

        await _webhooks.SaveAsync(webhook with { Events = ["issues.closed"], ProviderWebhookId = "77", RegisteredAt = Now, UpdatedAt = Now.AddMinutes(1), Config = Text.Json("""{"url":"x"}""") }, Token);

        var changed = (await _webhooks.FindAsync(webhook.Id, Token))!;
        Assert.Equal("issues.closed 77", $"{changed.Events.Single()} {changed.ProviderWebhookId}");
        Assert.Equal("""{"url":"x"}""", Text.Of(changed.Config));
        Assert.Equal([1, 2, 3], changed.SealedSecret.ToArray());
        Assert.Null(await _webhooks.FindAsync(fixture.NextId(), Token));
        Assert.Equal([webhook.Id], (await _webhooks.OfTypeAsync(webhook.UserId, "github", "repo", Token)).Select(row => row.Id));
        Assert.Equal([webhook.Id], (await _webhooks.OfCredentialAsync(webhook.UserId, "credential", 100, Token)).Select(row => row.Id));
        Assert.Empty(await _webhooks.OfCredentialAsync(webhook.UserId, "other", 100, Token));
    }

    [Fact]
    public async Task A_webhook_is_deleted_with_its_deliveries_only_when_no_preset_is_attached_to_it()
    {
        var webhook = await WebhookAsync();
        var preset = Preset(webhook);
        Assert.True(await _presets.InsertAsync(preset, Token));
        var delivery = Delivery(webhook);
        await _deliveries.AddAsync([delivery], Token);

        Assert.False(await _webhooks.DeleteUnusedAsync(webhook.Id, Token));
        Assert.True(await _presets.DeleteAsync(preset.UserId, preset.Id, Now, Token));
        Assert.True(await _webhooks.DeleteUnusedAsync(webhook.Id, Token));

        Assert.Empty(await _deliveries.ListAsync(webhook.Id, before: null, 10, Token));
        Assert.False(await _presets.InsertAsync(Preset(webhook), Token));
        Assert.Equal(DeliveryReceipt.WebhookGone, (await _deliveries.AddAsync([Delivery(webhook)], Token)).Single().Value);
    }

    [Fact]
    public async Task Webhooks_without_presets_are_unused_once_they_are_old()
    {
        var webhook = await WebhookAsync();
        var used = await WebhookAsync();
        await _presets.InsertAsync(Preset(used), Token);

        Assert.DoesNotContain(webhook.Id, (await _webhooks.UnusedAsync(Now, 1000, Token)).Select(row => row.Id));
        var unused = (await _webhooks.UnusedAsync(Now.AddSeconds(1), 1000, Token)).Select(row => row.Id).ToList();
        Assert.Contains(webhook.Id, unused);
        Assert.DoesNotContain(used.Id, unused);
    }

    [Fact]
    public async Task Presets_are_listed_by_page_newest_first_without_deleted_ones()
    {
        var user = fixture.NextUser();
        var presets = Enumerable.Range(0, 5).Select(index => Preset(null) with { UserId = user, CreatedAt = Now.AddMinutes(index) }).ToList();
        foreach (var preset in presets) await _presets.InsertAsync(preset, Token);
        await _presets.DeleteAsync(user, presets[3].Id, Now, Token);

        var (page, total) = await _presets.ListAsync(user, graphId: null, 1, 2, Token);

        Assert.Equal(4, total);
        Assert.Equal([presets[2].Id, presets[1].Id], page.Select(preset => preset.Id));
        Assert.Equal(0, (await _presets.ListAsync(user, fixture.NextId(), 0, 2, Token)).Total);
        Assert.Null(await _presets.FindAsync(user, presets[3].Id, Token));
        Assert.Null(await _presets.FindAsync("somebody else", presets[1].Id, Token));
        Assert.False(await _presets.SaveAsync(presets[3], Token));
        Assert.False(await _presets.DeleteAsync("somebody else", presets[1].Id, Now, Token));
    }

    [Fact]
    public async Task A_preset_keeps_what_was_saved_and_is_detached_with_the_others_of_its_webhook()
    {
        var webhook = await WebhookAsync();
        var preset = Preset(null) with { UserId = webhook.UserId };
        await _presets.InsertAsync(preset, Token);
        Assert.True(await _presets.SaveAsync(preset with { WebhookId = webhook.Id, GraphVersion = 2, Name = "other", IsActive = false, Inputs = Text.Json("""{"a":1}""") }, Token));

        var saved = Assert.Single(await _presets.OfWebhooksAsync([webhook.Id], Token));
        Assert.Equal(("other", 2, false, """{"a":1}"""), (saved.Name, saved.GraphVersion, saved.IsActive, Text.Of(saved.Inputs)));
        Assert.Single(await _presets.TriggeredOfGraphAsync(webhook.UserId, preset.GraphId, Token));

        await _presets.DetachAsync(webhook.Id, Now, Token);
        Assert.Empty(await _presets.OfWebhooksAsync([webhook.Id], Token));
    }

    [Fact]
    public async Task A_delivery_is_stored_once()
    {
        var webhook = await WebhookAsync();
        var delivery = Delivery(webhook) with { Id = DeliveryRow.IdOf(webhook.Id, "key"), Key = "key" };
        var other = Delivery(webhook);

        Assert.Equal(DeliveryReceipt.Stored, (await _deliveries.AddAsync([delivery, other], Token))[delivery.Id]);
        Assert.Equal(DeliveryReceipt.Repeated, (await _deliveries.AddAsync([delivery], Token))[delivery.Id]);

        var listed = await _deliveries.ListAsync(webhook.Id, before: null, 10, Token);
        Assert.Equal(2, listed.Count);
        Assert.Equal(delivery.Payload.Length, listed.Single(row => row.Delivery.Key == "key").PayloadBytes);
    }

    [Fact]
    public async Task Due_deliveries_are_claimed_by_one_process_until_the_claim_ends()
    {
        var webhook = await WebhookAsync();
        var due = Now.AddYears(-1);
        var delivery = Delivery(webhook) with { DueAt = due };
        await _deliveries.AddAsync([delivery], Token);

        var claimed = Assert.Single(await _deliveries.ClaimDueAsync(due, due.AddSeconds(10), 10, 1000, Token));
        Assert.Equal((delivery.Id, 1), (claimed.Id, claimed.Attempts));
        Assert.Equal(Text.Of(delivery.Payload), Text.Of(claimed.Payload));
        Assert.Empty(await _deliveries.ClaimDueAsync(due.AddSeconds(9), due.AddSeconds(20), 10, 1000, Token));
        Assert.Equal(2, Assert.Single(await _deliveries.ClaimDueAsync(due.AddSeconds(10), due.AddSeconds(20), 10, 1000, Token)).Attempts);

        await _deliveries.EndAsync([new DeliveryEnd(delivery.Id, [], DueAt: null, Error: null)], Now, Token);
        Assert.Empty(await _deliveries.ClaimDueAsync(due.AddSeconds(60), due.AddSeconds(80), 10, 1000, Token));
    }

    [Fact]
    public async Task A_claim_takes_no_more_bytes_than_asked_for_and_one_delivery_at_least()
    {
        var webhook = await WebhookAsync();
        var due = Now.AddYears(-3);
        var deliveries = Enumerable.Range(0, 3).Select(index => Delivery(webhook) with { DueAt = due.AddSeconds(index), ReceivedAt = due.AddSeconds(index), Payload = Text.Json($"\"{new string('x', 100)}\"") }).ToList();
        await _deliveries.AddAsync(deliveries, Token);

        var first = await _deliveries.ClaimDueAsync(due.AddSeconds(5), Now, 10, 150, Token);
        Assert.Equal(deliveries.Take(2).Select(delivery => delivery.Id), first.Select(delivery => delivery.Id));
        Assert.Equal(deliveries[2].Id, Assert.Single(await _deliveries.ClaimDueAsync(due.AddSeconds(5), Now, 10, 1, Token)).Id);
    }

    [Fact]
    public async Task What_a_delivery_did_is_written_and_an_end_is_not_changed_by_a_second_processing()
    {
        var webhook = await WebhookAsync();
        var delivery = Delivery(webhook);
        await _deliveries.AddAsync([delivery], Token);
        var (one, two) = (fixture.NextId(), fixture.NextId());
        var later = Now.AddMinutes(1);
        await _deliveries.EndAsync(
            [new DeliveryEnd(delivery.Id, [Trigger(delivery, one, TriggerState.Started, null), Trigger(delivery, two, TriggerState.Waiting, "no database")], later, null)], Now, Token);
        await _deliveries.EndAsync(
            [new DeliveryEnd(delivery.Id, [Trigger(delivery, one, TriggerState.Failed, "late"), Trigger(delivery, two, TriggerState.Failed, "why")], DueAt: null, "3 attempts")], later, Token);

        var logged = Assert.Single(await _deliveries.ListAsync(webhook.Id, before: null, 10, Token));
        Assert.Equal((later, "3 attempts"), (logged.ProcessedAt, logged.Error));
        Assert.Equal([(TriggerState.Started, null), (TriggerState.Failed, "why")], logged.Triggers.OrderBy(trigger => trigger.PresetId != one).Select(trigger => (trigger.State, trigger.Reason)));
    }

    [Fact]
    public async Task The_end_of_a_delivery_that_was_deleted_does_not_keep_others_from_ending()
    {
        var (webhook, gone) = (await WebhookAsync(), Delivery(await WebhookAsync()));
        var delivery = Delivery(webhook);
        await _deliveries.AddAsync([delivery], Token);

        await _deliveries.EndAsync(
            [
                new DeliveryEnd(gone.Id, [Trigger(gone, fixture.NextId(), TriggerState.Started, null)], null, null),
                new DeliveryEnd(delivery.Id, [Trigger(delivery, fixture.NextId(), TriggerState.Started, null)], null, null),
            ],
            Now,
            Token);

        Assert.NotNull(Assert.Single(await _deliveries.ListAsync(webhook.Id, before: null, 10, Token)).ProcessedAt);
    }

    [Fact]
    public async Task A_replay_is_a_new_delivery_with_the_payload_of_the_first()
    {
        var webhook = await WebhookAsync();
        var delivery = Delivery(webhook) with { Key = "key" };
        await _deliveries.AddAsync([delivery], Token);
        var copyId = fixture.NextId();

        var copy = (await _deliveries.ReplayAsync((webhook.Id, delivery.Id), copyId, Now, Now.AddSeconds(9), Token))!;
        var again = (await _deliveries.ReplayAsync((webhook.Id, delivery.Id), copyId, Now.AddDays(1), Now.AddDays(1), Token))!;

        Assert.Equal((copyId, delivery.Id, "key", Now), (copy.Id, copy.ReplayOf!.Value, copy.Key, copy.ReceivedAt));
        Assert.Equal(Text.Of(delivery.Payload), Text.Of(copy.Payload));
        Assert.Equal(Now, again.ReceivedAt);
        Assert.Null(await _deliveries.ReplayAsync((fixture.NextId(), delivery.Id), fixture.NextId(), Now, Now, Token));
    }

    [Fact]
    public async Task The_log_is_read_page_by_page_newest_first()
    {
        var webhook = await WebhookAsync();
        var deliveries = Enumerable.Range(0, 5).Select(index => Delivery(webhook) with { ReceivedAt = Now.AddSeconds(index / 2) }).ToList();
        await _deliveries.AddAsync(deliveries, Token);

        var read = new List<Guid>();
        (DateTimeOffset, Guid)? before = null;
        while (await _deliveries.ListAsync(webhook.Id, before, 2, Token) is { Count: > 0 } page)
        {
            read.AddRange(page.Select(logged => logged.Delivery.Id));
            before = (page[^1].Delivery.ReceivedAt, page[^1].Delivery.Id);
        }

        Assert.Equal(5, read.Distinct().Count());
        Assert.Equal(5, read.Count);
        Assert.Equal(deliveries[4].Id, read[0]);
    }

    [Fact]
    public async Task Old_deliveries_and_those_beyond_the_number_are_pruned_and_waiting_ones_stay()
    {
        await using var other = await TestSupport.TestDatabase.CreateAsync(Token);
        await using var database = new Database(other.DataSource);
        var (webhooks, store) = (new WebhookStore(database), new DeliveryStore(database));
        var webhook = NewWebhook();
        await webhooks.InsertAsync(webhook, Token);
        var deliveries = Enumerable.Range(0, 6).Select(index => Delivery(webhook) with { ReceivedAt = Now.AddDays(index) }).ToList();
        await store.AddAsync(deliveries, Token);
        await store.EndAsync([.. deliveries.Skip(1).Select(delivery => new DeliveryEnd(delivery.Id, [], null, null))], Now, Token);

        Assert.Equal(3, await store.PruneAsync(Now.AddDays(2), 2, 100, Token));

        Assert.Equal([deliveries[5].Id, deliveries[4].Id, deliveries[0].Id], (await store.ListAsync(webhook.Id, before: null, 10, Token)).Select(logged => logged.Delivery.Id));
    }

    [Fact]
    public async Task The_writer_stores_deliveries_that_arrive_together_in_few_statements_and_each_once()
    {
        var webhook = await WebhookAsync();
        var counted = new CountingDeliveries(_deliveries);
        var writer = new DeliveryWriter(counted);
        var deliveries = Enumerable.Range(0, 40).Select(_ => Delivery(webhook)).ToList();

        var receipts = await Task.WhenAll(deliveries.Concat(deliveries.Take(1)).Select(writer.AddAsync));

        Assert.Equal(40, receipts.Count(receipt => receipt == DeliveryReceipt.Stored));
        Assert.Equal(1, receipts.Count(receipt => receipt == DeliveryReceipt.Repeated));
        Assert.InRange(counted.Statements, 1, 5);
    }

    [Fact]
    public async Task Two_processes_that_store_the_same_deliveries_in_other_orders_do_not_wait_for_each_other_in_a_circle()
    {
        var webhook = await WebhookAsync();
        for (var round = 0; round < 30; round++)
        {
            var deliveries = Enumerable.Range(0, 100).Select(_ => Delivery(webhook)).ToList();
            // A deadlock would end one of the statements with an error.
            var receipts = await Task.WhenAll(_deliveries.AddAsync(deliveries, Token), _deliveries.AddAsync([.. deliveries.AsEnumerable().Reverse()], Token));

            Assert.Equal(deliveries.Count, receipts.Sum(answers => answers.Values.Count(receipt => receipt == DeliveryReceipt.Stored)));
        }
    }

    [Fact]
    public async Task A_delivery_that_the_database_refuses_does_not_fail_the_others_of_its_batch()
    {
        var webhook = await WebhookAsync();
        var writer = new DeliveryWriter(_deliveries);
        var (good, bad) = (Delivery(webhook), Delivery(webhook) with { Payload = Text.Json("{no json") });

        var tasks = new[] { good, bad, Delivery(webhook) }.Select(writer.AddAsync).ToList();

        Assert.Equal(DeliveryReceipt.Stored, await tasks[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => tasks[1]);
        Assert.Equal(DeliveryReceipt.Stored, await tasks[2]);
    }

    private static TriggerRow Trigger(DeliveryRow delivery, Guid presetId, TriggerState state, string? reason) => new(delivery.Id, presetId, DeliveryRow.RunOf(delivery.Id, presetId), state, reason, Now);

    private async Task<WebhookRow> WebhookAsync()
    {
        var webhook = NewWebhook();
        await _webhooks.InsertAsync(webhook, Token);
        return webhook;
    }

    private WebhookRow NewWebhook() => new()
    {
        Id = fixture.NextId(),
        UserId = fixture.NextUser(),
        Provider = "github",
        CredentialsId = "credential",
        WebhookType = "repo",
        Resource = "owner/name",
        Events = ["issues.opened", "issues.closed"],
        Config = Text.Json("{}"),
        SealedSecret = new byte[] { 1, 2, 3 },
        ProviderWebhookId = "",
        RegisteredAt = null,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private DeliveryRow Delivery(WebhookRow webhook) => new()
    {
        Id = fixture.NextId(),
        WebhookId = webhook.Id,
        UserId = webhook.UserId,
        Event = "issues.opened",
        Payload = Text.Json("""{"action":"opened","number":1.0}"""),
        ReceivedAt = Now,
        DueAt = Now.AddYears(1),
    };

    private PresetRow Preset(WebhookRow? webhook) => new()
    {
        Id = fixture.NextId(),
        UserId = webhook?.UserId ?? fixture.NextUser(),
        GraphId = fixture.NextId(),
        GraphVersion = 1,
        Name = "name",
        Description = "",
        Inputs = Text.Json("{}"),
        Credentials = Text.Json("{}"),
        IsActive = true,
        WebhookId = webhook?.Id,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private sealed class CountingDeliveries(IDeliveryStore store) : IDeliveryStore
    {
        private int _statements;

        public int Statements => _statements;

        public Task<IReadOnlyDictionary<Guid, DeliveryReceipt>> AddAsync(IReadOnlyList<DeliveryRow> deliveries, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _statements);
            return store.AddAsync(deliveries, cancellationToken);
        }

        public Task<IReadOnlyList<DeliveryRow>> ClaimDueAsync(DateTimeOffset now, DateTimeOffset until, int limit, int maxBytes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<TriggerRow>> TriggersAsync(IReadOnlyCollection<Guid> deliveryIds, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task EndAsync(IReadOnlyList<DeliveryEnd> ends, DateTimeOffset now, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DeliveryRow?> ReplayAsync((Guid WebhookId, Guid DeliveryId) replay, Guid copyId, DateTimeOffset now, DateTimeOffset dueAt, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<LoggedDelivery>> ListAsync(Guid webhookId, (DateTimeOffset At, Guid Id)? before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> PruneAsync(DateTimeOffset receivedBefore, int mostOfWebhook, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
