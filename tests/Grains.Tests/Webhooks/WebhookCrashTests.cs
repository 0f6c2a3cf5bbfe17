using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Tests.CrashPoints;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Webhooks;

/// <summary>Deliveries, set-ups and deletions are broken off before and after each call to a store, and everything has happened once in the end.</summary>
public sealed class WebhookCrashTests
{
    /// <summary>A flow has fewer steps than this.</summary>
    private const int MostSteps = 80;

    private readonly Breaker _breaker = new();

    [Fact]
    public async Task A_delivery_that_is_broken_off_anywhere_and_sent_again_starts_one_run()
    {
        await using var world = await StartAsync(supervises: true);
        var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(await world.GitHubGraphAsync()));
        var hook = Assert.Single(world.GitHub.Hooks);
        var delivered = 0;
        await AtEachStepAsync(6, async step =>
        {
            var name = $"delivery of step {step}";
            await TryAsync(() => world.SendGitHubAsync(hook, WebhookWorld.Issue(number: step), name));
            // The provider sends it again when it got no answer, and people send it again when they like.
            await UntilAsync(async () => (await Record.ExceptionAsync(() => world.SendGitHubAsync(hook, WebhookWorld.Issue(number: step), name))) is null);
            delivered++;
            var logged = await world.ProcessedAsync(preset.WebhookId!.Value, delivered);
            _breaker.Disarm();
            Assert.Equal(TriggerState.Started, Assert.Single(logged.Single(row => row.Delivery.Key == name).Triggers).State);
            Assert.Equal(delivered, (await world.RunsOfAsync(preset)).Count);
        });
    }

    [Fact]
    public async Task A_delivery_that_its_process_has_acknowledged_and_lost_is_processed_by_the_inbox()
    {
        await using var world = await StartAsync(supervises: true);
        var preset = await world.GenericAsync();
        var webhook = await world.WebhookOfAsync(preset);
        var delivery = new DeliveryRow
        {
            Id = Guid.NewGuid(),
            WebhookId = webhook.Id,
            UserId = webhook.UserId,
            Event = "plain",
            Payload = "{}"u8.ToArray(),
            ReceivedAt = DateTimeOffset.UtcNow,
            DueAt = DateTimeOffset.UtcNow,
        };
        await world.Deliveries.AddAsync([delivery], CancellationToken.None);

        var logged = Assert.Single(await world.ProcessedAsync(webhook.Id));

        Assert.Equal(TriggerState.Started, Assert.Single(logged.Triggers).State);
        await world.Cluster.EndOfAsync(Assert.Single(await world.RunsOfAsync(preset)).Id);
    }

    [Fact]
    public async Task A_set_up_that_is_broken_off_anywhere_and_repeated_registers_one_webhook()
    {
        await using var world = await StartAsync();
        var graph = await world.GitHubGraphAsync();
        await AtEachStepAsync(10, async step =>
        {
            var preset = WebhookWorld.GitHubPreset(graph, repository: $"octo/step{step}");
            await TryAsync(() => world.User().SetUpTrigger(preset));
            _breaker.Disarm();
            var stored = await world.SetUpAsync(preset);
            var hook = Assert.Single(world.GitHub.Hooks, hook => hook.Repository == $"octo/step{step}");
            Assert.Equal(DeliveryOutcome.Accepted, (await world.SendGitHubAsync(hook, WebhookWorld.Issue(), "d")).Outcome);
            Assert.Equal(hook.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), (await world.WebhookOfAsync(stored)).ProviderWebhookId);
        });
    }

    [Fact]
    public async Task A_change_of_the_webhook_that_is_broken_off_anywhere_leaves_one_webhook_in_the_end()
    {
        var clock = new ManualClock();
        await using var world = await StartAsync(clock);
        var graph = await world.GitHubGraphAsync();
        await AtEachStepAsync(10, async step =>
        {
            _breaker.Holds = true;
            var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, repository: $"octo/old{step}"));
            _breaker.Holds = false;
            var wanted = WebhookWorld.GitHubPreset(graph, repository: $"octo/new{step}");
            var change = new PresetChange { Id = preset.Id, Inputs = wanted.Inputs, Credentials = wanted.Credentials };
            await TryAsync(() => world.User().Update(change));
            _breaker.Disarm();
            Assert.Equal(PresetOutcome.Done, (await world.User().Update(change)).Outcome);
            await CleanUpAsync(world, clock);
            Assert.Equal($"octo/new{step}", Assert.Single(world.GitHub.Hooks, hook => hook.Repository.EndsWith($"/new{step}", StringComparison.Ordinal) || hook.Repository.EndsWith($"/old{step}", StringComparison.Ordinal)).Repository);
        });
    }

    [Fact]
    public async Task A_deletion_that_is_broken_off_anywhere_leaves_no_webhook_in_the_end()
    {
        var clock = new ManualClock();
        await using var world = await StartAsync(clock);
        var graph = await world.GitHubGraphAsync();
        await AtEachStepAsync(6, async step =>
        {
            _breaker.Holds = true;
            var preset = await world.SetUpAsync(WebhookWorld.GitHubPreset(graph, repository: $"octo/step{step}"));
            _breaker.Holds = false;
            await TryAsync(() => world.User().Delete(preset.Id));
            _breaker.Disarm();
            await world.User().Delete(preset.Id);
            await CleanUpAsync(world, clock);
            Assert.Empty(world.GitHub.Hooks);
            Assert.Null(await world.Webhooks.FindAsync(preset.WebhookId!.Value, CancellationToken.None));
        });
    }

    private static async Task CleanUpAsync(WebhookWorld world, ManualClock clock)
    {
        clock.Advance(TimeSpan.FromMinutes(11));
        var answer = await world.Cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.Webhooks).Trigger();
        Assert.Equal((true, null), (answer.HasRun, answer.Status.Error));
    }

    /// <summary>Does something that is broken off.</summary>
    private static async Task TryAsync(Func<Task> work)
    {
        var failure = await Record.ExceptionAsync(work);
        Assert.True(failure is null || failure.ToString().Contains(nameof(BrokenException), StringComparison.Ordinal), failure?.ToString());
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        for (var attempt = 0; attempt < 10; attempt++)
            if (await isDone()) return;
        Assert.Fail("It was broken off ten times.");
    }

    private Task<WebhookWorld> StartAsync(TimeProvider? clock = null, bool supervises = false) => WebhookWorld.StartAsync(
        clock,
        hasTasks: !supervises,
        supervises: supervises,
        options: webhooks => webhooks.Patience = TimeSpan.FromMilliseconds(500),
        services: services =>
        {
            services.AddSingleton(provider => Watched.Of<IWebhookStore>(ActivatorUtilities.CreateInstance<WebhookStore>(provider), _breaker.Pass));
            services.AddSingleton(provider => Watched.Of<IDeliveryStore>(ActivatorUtilities.CreateInstance<DeliveryStore>(provider), _breaker.Pass));
            services.AddSingleton(provider => Watched.Of<IPresetStore>(ActivatorUtilities.CreateInstance<PresetStore>(provider), _breaker.Pass));
        });

    /// <summary>Runs a flow for each step, until it has no further one.</summary>
    private async Task AtEachStepAsync(int least, Func<int, Task> flow)
    {
        for (var step = 1; step <= MostSteps; step++)
        {
            _breaker.Arm(step);
            await flow(step);
            TestContext.Current.TestOutputHelper?.WriteLine($"{step}: {_breaker.BrokenAt}");
            if (_breaker.BrokenAt is not null) continue;
            Assert.True(step > least, "The flow has hardly any steps.");
            return;
        }

        Assert.Fail($"The flow has more than {MostSteps} steps.");
    }

    private sealed class BrokenException(string step) : IOException($"{nameof(BrokenException)}: {step}");

    /// <summary>Throws at a chosen step, once.</summary>
    private sealed class Breaker
    {
        private int _left;

        public string? BrokenAt { get; private set; }

        /// <summary>Whether steps do not count now.</summary>
        public bool Holds { get; set; }

        public void Arm(int step)
        {
            BrokenAt = null;
            Volatile.Write(ref _left, step);
        }

        public void Disarm() => Volatile.Write(ref _left, 0);

        public void Pass(string step, bool after)
        {
            // The timer of the host looks into the inbox all the time.
            if (Holds || Volatile.Read(ref _left) == 0 || step == "IDeliveryStore.ClaimDueAsync" || Interlocked.Decrement(ref _left) != 0) return;
            BrokenAt = $"{(after ? "after" : "before")} {step}";
            throw new BrokenException(BrokenAt);
        }
    }
}
