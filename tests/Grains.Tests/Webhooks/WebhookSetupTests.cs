using System.Text;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Tests.Support;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage.Webhooks;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Webhooks;

/// <summary>Set-up, reuse, change, ping and pruning of webhooks, and presets (contract: semantics 4.7, 4.8 and 8.3).</summary>
public sealed class WebhookSetupTests
{
    [Fact]
    public async Task A_webhook_is_registered_with_its_address_its_events_and_a_secret_that_is_stored_sealed()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync(), new { opened = true, closed = true, edited = false }));

        var webhook = await world.WebhookOfAsync(preset);
        var hook = Assert.Single(world.GitHub.Hooks);
        Assert.Equal($"https://platform.test/api/integrations/github/webhooks/{webhook.Id}/ingress", hook.Address);
        Assert.Equal((WebhookWorld.Repository, "issues"), (hook.Repository, Assert.Single(hook.Events)));
        Assert.Matches("^[0-9a-f]{64}$", hook.Secret);
        Assert.DoesNotContain(hook.Secret, Encoding.UTF8.GetString(webhook.SealedSecret.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(webhook.Config.Span), StringComparison.Ordinal);
        Assert.Equal(("github", WebhookWorld.Credential, "repo", WebhookWorld.Repository, hook.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            (webhook.Provider, webhook.CredentialsId, webhook.WebhookType, webhook.Resource, webhook.ProviderWebhookId));
        Assert.Equal(["issues.opened", "issues.closed"], webhook.Events);
        Assert.All(world.Credentials.Uses, use => Assert.Equal("webhook", use.Purpose));
    }

    [Fact]
    public async Task The_inputs_of_a_triggered_preset_are_those_of_its_node_and_credentials_are_told_apart_by_name()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));

        Assert.Equal("""{"repo":"octo/hello","events":{"opened":true}}""", Encoding.UTF8.GetString(preset.Inputs.Span));
        Assert.Equal(["credentials", "github_api_key-oauth2_credentials"], Engine.Values.JsonValues.ParseUtf8(preset.Credentials.Span).EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task A_webhook_of_the_same_credential_type_and_resource_is_reused_when_it_has_all_events()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        var first = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, new { opened = true, closed = true }));

        var fewer = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        var more = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, new { edited = true }));
        var other = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, repository: "octo/other"));

        Assert.Equal(first.WebhookId, fewer.WebhookId);
        Assert.NotEqual(first.WebhookId, more.WebhookId);
        Assert.NotEqual(first.WebhookId, other.WebhookId);
        Assert.Equal(3, world.GitHub.Hooks.Count);
    }

    [Fact]
    public async Task A_webhook_of_another_user_is_never_reused()
    {
        await using var world = await WebhookWorld.StartAsync();
        var mine = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var others = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync("user-2")), "user-2");
        Assert.NotEqual(mine.WebhookId, others.WebhookId);
    }

    [Fact]
    public async Task A_webhook_that_is_entered_by_hand_keeps_its_address_when_the_preset_is_changed()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.GenericAsync();
        var webhook = await world.WebhookOfAsync(preset);
        Assert.Equal(("generic_webhook", "", "plain", ""), (webhook.Provider, webhook.CredentialsId, webhook.WebhookType, webhook.Resource));

        Assert.Equal(PresetOutcome.Done, (await world.User().Update(Change(preset.Id, new { constants = new { a = 1 } }))).Outcome);

        var changed = (await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None))!;
        Assert.Equal(preset.WebhookId, changed.WebhookId);
        Assert.Equal("""{"constants":{"a":1}}""", Encoding.UTF8.GetString(changed.Inputs.Span));
        Assert.NotEqual(preset.WebhookId, (await world.GenericAsync()).WebhookId);
    }

    [Theory]
    [InlineData("no filter", "Could not set up webhook: Cannot set up github webhook without event filter input: missing input for 'events'")]
    [InlineData("no event", "Could not set up webhook: Cannot set up github webhook without any enabled events in event filter input 'events'")]
    [InlineData("no resource", "Could not set up webhook: Cannot auto-setup github webhook without resource: missing input for 'repo'")]
    [InlineData("no credentials", "Could not set up webhook: Cannot set up github webhook without credentials: missing input for 'credentials'")]
    [InlineData("unknown credentials", "Could not set up webhook: Cannot set up github webhook without credentials: credentials #22222222-2222-4333-8444-555555555555 not found")]
    [InlineData("bad resource", "Could not set up webhook: Invalid repo format: expected 'owner/repo'")]
    [InlineData("refused", "Could not set up webhook: Failed to create GitHub webhook: Not Found (Make sure the GitHub account or API key has 'repo' or webhook create permissions to 'octo/hello')")]
    [InlineData("expired", "Could not set up webhook: The credential has expired; connect it again.")]
    public async Task What_is_missing_for_a_webhook_is_told_and_nothing_is_left(string fault, string reason)
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        if (fault == "refused") world.GitHub.Refusal = _ => (404, "Not Found");
        if (fault == "expired") world.Credentials.IsUnusable = _ => true;
        var preset = fault switch
        {
            "no filter" => WebhookWorld.Preset(graph, new { repo = WebhookWorld.Repository }),
            "no event" => WebhookWorld.GitHubPreset(graph, new { opened = false }),
            "no resource" => WebhookWorld.Preset(graph, new { events = new { opened = true } }),
            "no credentials" => WebhookWorld.Preset(graph, new { repo = WebhookWorld.Repository, events = new { opened = true } }),
            "unknown credentials" => WebhookWorld.GitHubPreset(graph, credential: "22222222-2222-4333-8444-555555555555"),
            "bad resource" => WebhookWorld.GitHubPreset(graph, repository: "octo/hello/.."),
            _ => WebhookWorld.GitHubPreset(graph),
        };

        var answer = await world.User().SetUpTrigger(preset);

        Assert.Equal((PresetOutcome.NotSetUp, reason), (answer.Outcome, answer.Reason));
        Assert.Null(await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None));
        Assert.Empty(await world.Webhooks.OfTypeAsync(GrainCluster.User, "github", "repo", CancellationToken.None));
        Assert.Empty(world.GitHub.Hooks);
    }

    [Fact]
    public async Task Without_a_public_address_nothing_is_set_up()
    {
        await using var world = await WebhookWorld.StartAsync(options: webhooks => webhooks.PlatformBaseUrl = null);
        var answer = await world.User().SetUpTrigger(WebhookWorld.Preset(await world.GenericGraphAsync()));
        Assert.Equal((PresetOutcome.NotConfigured, "PLATFORM_BASE_URL must be set so that providers can send webhooks to this server."), (answer.Outcome, answer.Reason));
    }

    [Fact]
    public async Task A_graph_without_a_trigger_or_of_another_user_is_refused()
    {
        await using var world = await WebhookWorld.StartAsync();
        var plain = world.Cluster.NewAgent().Input("n").Build();
        await world.Cluster.StoreAsync(plain);
        var foreign = await world.GenericGraphAsync("user-2");

        Assert.Equal($"Graph #{plain.Id} does not have a webhook node", (await world.User().SetUpTrigger(WebhookWorld.Preset(plain))).Reason);
        Assert.Equal(PresetOutcome.GraphGone, (await world.User().SetUpTrigger(WebhookWorld.Preset(foreign))).Outcome);
        Assert.Equal(PresetOutcome.NotFound, (await world.User().Create(WebhookWorld.Preset(foreign))).Outcome);
    }

    [Fact]
    public async Task A_registration_whose_answer_is_lost_is_found_again_by_its_address()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        world.GitHub.LosesAnswer = call => call.StartsWith("POST", StringComparison.Ordinal);
        var preset = WebhookWorld.GitHubPreset(graph);
        Assert.Equal(PresetOutcome.ProviderAway, (await world.User().SetUpTrigger(preset)).Outcome);
        world.GitHub.LosesAnswer = _ => false;

        var stored = await world.SetUpAsync(preset);

        var hook = Assert.Single(world.GitHub.Hooks);
        var webhook = await world.WebhookOfAsync(stored);
        Assert.Equal(hook.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), webhook.ProviderWebhookId);
        Assert.Equal(DeliveryOutcome.Accepted, (await world.SendGitHubAsync(hook, WebhookWorld.Issue(), "d")).Outcome);
    }

    [Fact]
    public async Task New_inputs_set_the_webhook_up_again_and_prune_the_old_one()
    {
        await using var world = await WebhookWorld.StartAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var wanted = WebhookWorld.GitHubPreset(await world.GitHubGraphAsync(), repository: "octo/other");

        var refused = await world.User().Update(new PresetChange { Id = preset.Id, Inputs = wanted.Inputs });
        var failed = await world.User().Update(new PresetChange { Id = preset.Id, Inputs = WebhookWorld.Json(new { repo = "octo/other" }), Credentials = wanted.Credentials });
        Assert.Equal(PresetOutcome.Refused, refused.Outcome);
        Assert.Equal("Could not update trigger configuration: Cannot set up github webhook without event filter input: missing input for 'events'", failed.Reason);
        Assert.Equal(PresetOutcome.Done, (await world.User().Update(new PresetChange { Id = preset.Id, Name = "new", Inputs = wanted.Inputs, Credentials = wanted.Credentials })).Outcome);

        var changed = (await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None))!;
        Assert.Equal("octo/other", Assert.Single(world.GitHub.Hooks).Repository);
        Assert.Equal(("new", "octo/other"), (changed.Name, (await world.WebhookOfAsync(changed)).Resource));
        Assert.Null(await world.Webhooks.FindAsync(preset.WebhookId!.Value, CancellationToken.None));
    }

    [Fact]
    public async Task Deleting_the_last_preset_of_a_webhook_deregisters_it()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        var (one, two) = (await world.SetUpAsync(WebhookWorld.GitHubPreset(graph)), await world.SetUpAsync(WebhookWorld.GitHubPreset(graph)));

        Assert.Equal(PresetOutcome.Done, (await world.User().Delete(one.Id)).Outcome);
        Assert.Single(world.GitHub.Hooks);
        Assert.Equal(PresetOutcome.Done, (await world.User().Delete(two.Id)).Outcome);

        Assert.Empty(world.GitHub.Hooks);
        Assert.Null(await world.Webhooks.FindAsync(one.WebhookId!.Value, CancellationToken.None));
        Assert.Equal(PresetOutcome.NotFound, (await world.User().Delete(two.Id)).Outcome);
        Assert.Equal(PresetOutcome.NotFound, (await world.User("user-2").Update(new PresetChange { Id = two.Id, Name = "x" })).Outcome);
    }

    [Fact]
    public async Task A_webhook_whose_provider_is_away_is_kept_and_pruned_by_the_clean_up()
    {
        var clock = new ManualClock();
        await using var world = await WebhookWorld.StartAsync(clock, hasTasks: true);
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        world.GitHub.Refusal = call => call.StartsWith("DELETE", StringComparison.Ordinal) ? (503, "away") : null;
        await world.User().Delete(preset.Id);
        Assert.NotNull(await world.Webhooks.FindAsync(preset.WebhookId!.Value, CancellationToken.None));
        world.GitHub.Refusal = _ => null;
        clock.Advance(TimeSpan.FromMinutes(11));

        var answer = await world.Cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.Webhooks).Trigger();

        Assert.Equal((true, null), (answer.HasRun, answer.Status.Error));
        Assert.Empty(world.GitHub.Hooks);
        Assert.Null(await world.Webhooks.FindAsync(preset.WebhookId.Value, CancellationToken.None));
    }

    [Fact]
    public async Task Webhooks_of_a_credential_are_counted_while_they_have_triggers_and_removed_with_it()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GitHubGraphAsync();
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        await world.SetUpAsync(WebhookWorld.GitHubPreset(graph));
        await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, repository: "octo/other"));
        var webhooks = world.Cluster.Services.GetRequiredService<ICredentialWebhooks>();
        Assert.Equal(2, await webhooks.CountTriggeredAsync(GrainCluster.User, WebhookWorld.Credential, CancellationToken.None));
        Assert.Equal(0, await webhooks.CountTriggeredAsync("user-2", WebhookWorld.Credential, CancellationToken.None));

        for (var i = 0; i < 2; i++) await webhooks.RemoveAllAsync(GrainCluster.User, WebhookWorld.Credential, CancellationToken.None);

        Assert.Equal(0, await webhooks.CountTriggeredAsync(GrainCluster.User, WebhookWorld.Credential, CancellationToken.None));
        Assert.Empty(world.GitHub.Hooks);
        Assert.Null((await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None))!.WebhookId);
        Assert.Empty(await world.Webhooks.OfTypeAsync(GrainCluster.User, "github", "repo", CancellationToken.None));
    }

    [Fact]
    public async Task Webhooks_are_removed_with_their_credential_although_the_provider_is_away()
    {
        await using var world = await WebhookWorld.StartAsync();
        await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        world.GitHub.Refusal = _ => (503, "away");

        await world.Cluster.Services.GetRequiredService<ICredentialWebhooks>().RemoveAllAsync(GrainCluster.User, WebhookWorld.Credential, CancellationToken.None);

        Assert.Empty(await world.Webhooks.OfTypeAsync(GrainCluster.User, "github", "repo", CancellationToken.None));
    }

    [Fact]
    public async Task A_ping_is_answered_when_its_event_has_arrived()
    {
        await using var world = await WebhookWorld.StartAsync(silos: 2);
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        world.GitHub.SendPing = hook => world.SendGitHubAsync(hook, """{"zen":"x"}""", "ping", "ping");

        Assert.Equal(PingOutcome.Arrived, (await world.Webhook(preset.WebhookId!.Value).Ping(GrainCluster.User)).Outcome);

        Assert.Contains($"POST /repos/{WebhookWorld.Repository}/hooks/{Assert.Single(world.GitHub.Hooks).Id}/pings", world.GitHub.Calls);
        Assert.Equal(PingOutcome.NotFound, (await world.Webhook(preset.WebhookId.Value).Ping("user-2")).Outcome);
        Assert.Equal("ping", Assert.Single(await world.ProcessedAsync(preset.WebhookId.Value)).Delivery.Event);
        Assert.Empty(await world.RunsOfAsync(preset));
    }

    [Fact]
    public async Task A_ping_that_does_not_arrive_times_out_and_one_that_the_provider_has_not_is_unsupported()
    {
        await using var world = await WebhookWorld.StartAsync(options: webhooks => webhooks.PingWait = TimeSpan.FromMilliseconds(50));
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var manual = await world.GenericAsync();

        Assert.Equal(PingOutcome.TimedOut, (await world.Webhook(preset.WebhookId!.Value).Ping(GrainCluster.User)).Outcome);
        Assert.Equal(PingOutcome.Unsupported, (await world.Webhook(manual.WebhookId!.Value).Ping(GrainCluster.User)).Outcome);
        world.GitHub.Refusal = _ => (403, "Forbidden");
        var refused = await world.Webhook(preset.WebhookId.Value).Ping(GrainCluster.User);
        Assert.Equal((PingOutcome.Refused, "GitHub error: Forbidden"), (refused.Outcome, refused.Reason));
    }

    [Fact]
    public async Task Triggered_presets_follow_to_a_version_with_the_same_trigger_and_stay_otherwise()
    {
        await using var world = await WebhookWorld.StartAsync();
        var graph = await world.GenericGraphAsync();
        var preset = await world.SetUpAsync(WebhookWorld.Preset(graph));
        var id = Guid.Parse(graph.Id);
        await world.Cluster.StoreAsync(new AgentBuilder(id, "Generic", 2).Node("other", WebhookWorld.Generic).Build());
        await world.Cluster.StoreAsync(new AgentBuilder(id, "Generic", 3).Node("trigger", WebhookWorld.GitHubIssues).Build());

        Assert.Empty(await world.User().FollowGraph(id, 2));
        var pinned = Assert.Single(await world.User().FollowGraph(id, 3));

        Assert.Equal((preset.Id, "Preset", 2), (pinned.Id, pinned.Name, pinned.Version));
        Assert.Equal(2, (await world.Presets.FindAsync(GrainCluster.User, preset.Id, CancellationToken.None))!.GraphVersion);
        await world.SendAsync(preset.WebhookId!.Value, "{}");
        Assert.Equal(TriggerState.Started, Assert.Single(Assert.Single(await world.ProcessedAsync(preset.WebhookId.Value)).Triggers).State);
    }

    [Fact]
    public async Task A_set_up_that_is_repeated_with_its_id_stores_one_preset_and_one_webhook()
    {
        await using var world = await WebhookWorld.StartAsync();
        var (manual, automatic) = (WebhookWorld.Preset(await world.GenericGraphAsync()), WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.User().SetUpTrigger(manual)).Concat(Enumerable.Range(0, 4).Select(_ => world.User().SetUpTrigger(automatic))));

        Assert.Single(world.GitHub.Hooks);
        Assert.Single(await world.Webhooks.OfTypeAsync(GrainCluster.User, "generic_webhook", "plain", CancellationToken.None));
        Assert.Equal(2, (await world.Presets.ListAsync(GrainCluster.User, null, 0, 10, CancellationToken.None)).Total);
    }

    private static PresetChange Change(Guid id, object inputs) => new() { Id = id, Inputs = WebhookWorld.Json(inputs), Credentials = WebhookWorld.Json(new { }) };
}
