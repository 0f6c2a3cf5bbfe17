using System.Text;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Tests.Support;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage.Webhooks;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Webhooks;

/// <summary>Deliveries of webhooks, from the ingress to the runs that they start (contract: semantics 4.8).</summary>
public sealed class WebhookDeliveryTests
{
    [Fact]
    public async Task A_delivery_starts_a_run_with_its_payload_and_the_ids_of_preset_and_webhook()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();

        Assert.Equal(DeliveryOutcome.Accepted, (await world.SendAsync(preset.WebhookId!.Value, """{"a": [1, 2.50]}""")).Outcome);

        var logged = Assert.Single(await world.ProcessedAsync(preset.WebhookId.Value));
        var trigger = Assert.Single(logged.Triggers);
        Assert.Equal((TriggerState.Started, preset.Id, "plain"), (trigger.State, trigger.PresetId, logged.Delivery.Event));
        var run = await world.Cluster.EndOfAsync(trigger.RunId);
        Assert.Equal("COMPLETED", run.Row.Status);
        Assert.Equal(preset.Id.ToString(), run.Row.PresetId);
        var spec = RunSpecCodec.Read(run.Row.Spec.Span);
        Assert.Equal((preset.WebhookId.Value, logged.Delivery.Id), (spec.Webhook!.Id, spec.Webhook.DeliveryId));
        var output = run.Nodes.Single(node => node.Row.NodeId == "payload").Outputs.Single(output => output.Pin == "output");
        Assert.Equal("""{"a":[1,2.50]}""", Encoding.UTF8.GetString(output.Value.Span));
    }

    [Fact]
    public async Task A_delivery_of_github_that_is_sent_twice_starts_one_run_with_the_credentials_and_inputs_of_the_preset()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var hook = Assert.Single(world.GitHub.Hooks);

        for (var i = 0; i < 3; i++) Assert.Equal(DeliveryOutcome.Accepted, (await world.SendGitHubAsync(hook, WebhookWorld.Issue(), "d1")).Outcome);
        Assert.Equal(DeliveryOutcome.Accepted, (await world.SendGitHubAsync(hook, WebhookWorld.Issue(), "d2")).Outcome);

        Assert.Equal(2, (await world.ProcessedAsync(preset.WebhookId!.Value, 2)).Count);
        var runs = await world.RunsOfAsync(preset);
        Assert.Equal(2, runs.Count);
        var mask = RunSpecCodec.Read(runs[0].Spec.Span).Mask("trigger")!;
        Assert.Equal(WebhookWorld.Repository, mask["repo"].GetString());
        Assert.Equal(WebhookWorld.Credential, mask["credentials"].GetProperty("id").GetString());
        Assert.Equal(7, mask["payload"].GetProperty("issue").GetProperty("number").GetInt32());
    }

    [Fact]
    public async Task Deliveries_without_a_name_count_each_and_named_ones_once()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();
        var webhook = preset.WebhookId!.Value;

        await world.SendAsync(webhook, "{}");
        await world.SendAsync(webhook, "{}");
        await world.SendAsync(webhook, "{}", "generic_webhook", ("webhook-id", "a"));
        await world.SendAsync(webhook, "{}", "generic_webhook", ("webhook-id", "a"));
        await world.SendAsync(webhook, "{}", "generic_webhook", ("idempotency-key", "b"));

        Assert.Equal(4, (await world.ProcessedAsync(webhook, 4)).Count);
        Assert.Equal(4, (await world.RunsOfAsync(preset)).Count);
    }

    [Theory]
    [InlineData("wrong secret", DeliveryOutcome.Forbidden, "Request signatures didn't match!")]
    [InlineData("truncated", DeliveryOutcome.Forbidden, "Request signatures didn't match!")]
    [InlineData("no signature", DeliveryOutcome.Forbidden, "X-Hub-Signature-256 header is missing!")]
    [InlineData("no event", DeliveryOutcome.Invalid, "X-GitHub-Event header is missing!")]
    [InlineData("signed and no JSON", DeliveryOutcome.Invalid, "The body is not valid JSON: line 1, byte 2.")]
    [InlineData("other provider", DeliveryOutcome.NotFound, null)]
    [InlineData("deleted", DeliveryOutcome.NotFound, null)]
    [InlineData("unknown", DeliveryOutcome.NotFound, null)]
    [InlineData("long event", DeliveryOutcome.Invalid, "The event has more than 200 letters or a control character.")]
    public async Task What_is_not_a_delivery_of_the_provider_is_refused_and_stores_nothing(string fault, DeliveryOutcome outcome, string? reason)
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var (webhook, hook, body) = (preset.WebhookId!.Value, Assert.Single(world.GitHub.Hooks), WebhookWorld.Issue());
        if (fault == "deleted") await world.User().Delete(preset.Id);
        var sent = fault switch
        {
            "truncated" => body[..20],
            "signed and no JSON" => "{,",
            _ => body,
        };
        var headers = new List<(string, string)>
        {
            ("x-github-event", fault == "long event" ? new string('x', 201) : "issues"), ("x-github-delivery", "d"),
            ("x-hub-signature-256", ScriptedGitHub.Sign(fault == "truncated" ? body : sent, fault == "wrong secret" ? "other" : hook.Secret)),
        };
        if (fault == "no signature") headers.RemoveAt(2);
        if (fault == "no event") headers.RemoveAt(0);

        var answer = await world.SendAsync(fault == "unknown" ? Guid.NewGuid() : webhook, sent, fault == "other provider" ? "generic_webhook" : "github", [.. headers]);

        Assert.Equal((outcome, reason), (answer.Outcome, answer.Reason));
        Assert.Empty(await world.Deliveries.ListAsync(webhook, before: null, 10, CancellationToken.None));
    }

    [Fact]
    public async Task Deliveries_that_arrive_in_another_order_than_they_were_sent_each_start_their_run()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync(), new { opened = true, closed = true }));
        var hook = Assert.Single(world.GitHub.Hooks);

        await world.SendGitHubAsync(hook, WebhookWorld.Issue("closed"), "second");
        await world.SendGitHubAsync(hook, WebhookWorld.Issue(), "first");

        var logged = await world.ProcessedAsync(preset.WebhookId!.Value, 2);
        Assert.Equal(["first issues.opened", "second issues.closed"], logged.Select(delivery => $"{delivery.Delivery.Key} {delivery.Delivery.Event}").Order(StringComparer.Ordinal));
        Assert.Equal(2, (await world.RunsOfAsync(preset)).Count);
    }

    [Fact]
    public async Task A_payload_of_ten_megabytes_starts_its_run()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();
        var body = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', (10 * 1024 * 1024) - 11)}}"}""");
        Assert.Equal(10 * 1024 * 1024, body.Length);

        Assert.Equal(DeliveryOutcome.Accepted, (await world.SendAsync(preset.WebhookId!.Value, body, "generic_webhook")).Outcome);

        var logged = Assert.Single(await world.ProcessedAsync(preset.WebhookId.Value));
        var run = await world.Cluster.EndOfAsync(Assert.Single(logged.Triggers).RunId);
        Assert.Equal(body.Length, run.Nodes.Single(node => node.Row.NodeId == "payload").Outputs.Single(output => output.Pin == "output").Value.Length);
    }

    [Fact]
    public async Task Events_that_the_filter_does_not_select_and_inactive_presets_start_nothing_and_the_log_says_why()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        var active = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        var inactive = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        Assert.Equal(active.WebhookId, inactive.WebhookId);
        await world.User().Update(new PresetChange { Id = inactive.Id, IsActive = false });
        var hook = Assert.Single(world.GitHub.Hooks);

        await world.SendGitHubAsync(hook, WebhookWorld.Issue("closed"), "d");

        var triggers = Assert.Single(await world.ProcessedAsync(active.WebhookId!.Value)).Triggers;
        Assert.Equal("The event filter of the preset does not select 'issues.closed'.", triggers.Single(trigger => trigger.PresetId == active.Id).Reason);
        Assert.Equal("The preset is inactive.", triggers.Single(trigger => trigger.PresetId == inactive.Id).Reason);
        Assert.All(triggers, trigger => Assert.Equal(TriggerState.Skipped, trigger.State));
    }

    [Fact]
    public async Task A_trigger_whose_run_cannot_start_does_not_keep_others_from_starting()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        var good = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        var bad = world.Cluster.NewAgent("Bad").Node("trigger", WebhookWorld.GitHubIssues).Node("other", "1f292d4a-41a4-4977-9684-7c8d560b9f91").Build();
        await world.Cluster.StoreAsync(bad);
        var broken = await world.SetUpAsync(WebhookWorld.GitHubPreset(bad));

        await world.SendGitHubAsync(Assert.Single(world.GitHub.Hooks), WebhookWorld.Issue(), "d");

        var triggers = Assert.Single(await world.ProcessedAsync(good.WebhookId!.Value)).Triggers;
        Assert.Equal(TriggerState.Started, triggers.Single(trigger => trigger.PresetId == good.Id).State);
        var failed = triggers.Single(trigger => trigger.PresetId == broken.Id);
        Assert.Equal(TriggerState.Failed, failed.State);
        Assert.Contains("other", failed.Reason, StringComparison.Ordinal);
        Assert.Single(await world.RunsOfAsync(good));
        Assert.Empty(await world.RunsOfAsync(broken));
    }

    [Fact]
    public async Task A_preset_whose_graph_is_deleted_is_deactivated_by_the_next_event()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GenericGraphAsync();
        var preset = await world.SetUpAsync(WebhookWorld.Preset(graph));
        await world.Cluster.Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id)).Delete(GrainCluster.User);

        await world.SendAsync(preset.WebhookId!.Value, "{}");

        var trigger = Assert.Single(Assert.Single(await world.ProcessedAsync(preset.WebhookId.Value)).Triggers);
        Assert.Equal((TriggerState.Skipped, $"Graph #{graph.Id} v1 is not accessible any more; the preset was deactivated."), (trigger.State, trigger.Reason));
        Assert.False((await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None))!.IsActive);
    }

    [Fact]
    public async Task A_replay_starts_another_run_with_the_same_payload_and_only_for_the_owner()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();
        var webhook = preset.WebhookId!.Value;
        await world.SendAsync(webhook, """{"n":1}""", "generic_webhook", ("webhook-id", "a"));
        var first = Assert.Single(await world.ProcessedAsync(webhook));
        var copyId = Guid.NewGuid();

        Assert.False(await world.Webhook(webhook).Replay("user-2", first.Delivery.Id, Guid.NewGuid()));
        Assert.False(await world.Webhook(webhook).Replay(GrainCluster.User, Guid.NewGuid(), Guid.NewGuid()));
        Assert.True(await world.Webhook(webhook).Replay(GrainCluster.User, first.Delivery.Id, copyId));
        Assert.True(await world.Webhook(webhook).Replay(GrainCluster.User, first.Delivery.Id, copyId));

        var copy = (await world.ProcessedAsync(webhook, 2)).Single(delivery => delivery.Delivery.Id == copyId);
        Assert.Equal(first.Delivery.Id, copy.Delivery.ReplayOf);
        var runs = await world.RunsOfAsync(preset);
        Assert.Equal(2, runs.Count);
        Assert.Equal(["""{"n":1}""", """{"n":1}"""], runs.Select(run => JsonSerializer.Serialize(RunSpecCodec.Read(run.Spec.Span).Mask("trigger")!["payload"])));
    }

    [Fact]
    public async Task A_delivery_that_is_twice_in_a_batch_ends_at_its_first_attempt_and_starts_one_run()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();
        var webhook = preset.WebhookId!.Value;
        await world.SendAsync(webhook, "{}", "generic_webhook", ("webhook-id", "a"));
        var first = Assert.Single(await world.ProcessedAsync(webhook)).Delivery;
        var at = first.ReceivedAt.AddMinutes(1);
        var copy = (await world.Deliveries.ReplayAsync((webhook, first.Id), Guid.NewGuid(), at, at.AddDays(1), CancellationToken.None))!;

        await world.Cluster.Services.GetRequiredService<DeliveryProcessor>().ProcessAsync([copy, copy]);

        var ended = (await world.Deliveries.ListAsync(webhook, before: null, 10, CancellationToken.None)).Single(delivery => delivery.Delivery.Id == copy.Id);
        Assert.Equal((true, null), (ended.ProcessedAt is not null, ended.Error));
        Assert.Equal(TriggerState.Started, Assert.Single(ended.Triggers).State);
        Assert.Equal(2, (await world.RunsOfAsync(preset)).Count);
    }

    [Fact]
    public async Task Deliveries_to_several_silos_at_once_are_stored_once_and_start_one_run()
    {
        await using var world = await WebhookWorld.StartAsync(silos: 3, supervises: true);
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var hook = Assert.Single(world.GitHub.Hooks);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(index => world.SendGitHubAsync(hook, WebhookWorld.Issue(number: index / 3), $"d{index / 3}")));

        Assert.All(answers, answer => Assert.Equal(DeliveryOutcome.Accepted, answer.Outcome));
        Assert.Equal(20, (await world.ProcessedAsync(preset.WebhookId!.Value, 20)).Count);
        Assert.Equal(20, (await world.RunsOfAsync(preset)).Count);
    }
}
