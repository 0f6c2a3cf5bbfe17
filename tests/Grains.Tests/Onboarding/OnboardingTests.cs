using System.Text;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Tests.Orleans;
using Grainflow.Grains.Tests.Scheduling;
using Grainflow.Grains.Tests.Support;
using Grainflow.Grains.Tests.Webhooks;
using Grainflow.Grains.Users;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Onboarding;

/// <summary>Onboarding, row by row of the contract (semantics 8.4), and the runs that it counts.</summary>
public sealed class OnboardingTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_completed_step_is_rewarded_once_beside_the_grant_of_the_month()
    {
        await using var cluster = await GrainCluster.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Of(cluster).Complete("SCHEDULE_AGENT")));

        Assert.Equal(1600, await cluster.Wallet().GetBalance());
        var reward = Assert.Single(await cluster.LedgerOfAsync(), row => row.TransactionKey == "REWARD-user-1-SCHEDULE_AGENT");
        Assert.Equal(("GRANT", 100, """{"reason":"Reward for completing SCHEDULE_AGENT onboarding step."}"""), (reward.Type, reward.Amount, Encoding.UTF8.GetString(reward.Metadata.Span).Replace("\": ", "\":", StringComparison.Ordinal)));
        Assert.Equal("completed SCHEDULE_AGENT, rewarded SCHEDULE_AGENT", Text(await Of(cluster).Get()));
    }

    [Fact]
    public async Task A_step_without_a_reward_is_completed_and_leaves_the_wallet_alone()
    {
        await using var cluster = await GrainCluster.StartAsync();

        await Of(cluster).Complete("WELCOME");

        Assert.Equal("completed WELCOME, rewarded ", Text(await Of(cluster).Get()));
        Assert.Empty(await cluster.LedgerOfAsync());
    }

    [Fact]
    public async Task Where_nothing_is_charged_nothing_is_given()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.EnableCredit = false });

        await Of(cluster).Complete("SCHEDULE_AGENT");

        Assert.Equal(["SCHEDULE_AGENT"], (await Of(cluster).Get()).RewardedFor);
        Assert.Empty(await cluster.LedgerOfAsync());
    }

    [Fact]
    public async Task A_reset_forgets_everything_but_the_rewards()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await Of(cluster).Complete("SCHEDULE_AGENT");
        await Of(cluster).Answer(new OnboardingAnswers { WalletShown = true, UsageReason = "data_research", AgentInput = "{}" });
        await RunsAsync(cluster, 3, s_noon);

        var answered = await Of(cluster).Reset();
        await cluster.Running.DeactivateAsync(Of(cluster));
        foreach (var state in new[] { answered, await Of(cluster).Get() })
        {
            Assert.Equal("completed , rewarded SCHEDULE_AGENT", Text(state));
            Assert.Equal((0, null, 0, false, null, null), (state.AgentRuns, state.LastRunAt, state.ConsecutiveRunDays, state.WalletShown, state.UsageReason, state.AgentInput));
        }

        await Of(cluster).Complete("SCHEDULE_AGENT");
        Assert.Equal("completed SCHEDULE_AGENT, rewarded SCHEDULE_AGENT", Text(await Of(cluster).Get()));
        Assert.Equal(1600, await cluster.Wallet().GetBalance());
    }

    [Fact]
    public async Task Answers_are_stored_one_by_one_the_wallet_stays_shown_and_what_was_shown_grows()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await Of(cluster).Answer(new OnboardingAnswers { WalletShown = true, Notified = ["WELCOME", "CONGRATS"], UsageReason = "reason", Integrations = ["github"] });

        await Of(cluster).Answer(new OnboardingAnswers { WalletShown = false, Notified = ["CONGRATS", "RUN_AGENTS"], AgentInput = """{"n":1}""", Integrations = [] });
        await cluster.Running.DeactivateAsync(Of(cluster));

        var state = await Of(cluster).Get();
        Assert.Equal((true, "reason", """{"n":1}"""), (state.WalletShown, state.UsageReason, state.AgentInput));
        Assert.Equal(["WELCOME", "CONGRATS", "RUN_AGENTS"], state.Notified);
        Assert.Empty(state.Integrations);
        Assert.Empty((await cluster.Grains.GetGrain<IOnboardingGrain>("user-2").Get()).Notified);
    }

    [Fact]
    public async Task Results_are_got_when_the_user_looks_at_the_run_of_the_wizard()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var run = cluster.Ids.NewId();
        await Of(cluster).ResultsOpened(run);
        await Of(cluster).Answer(new OnboardingAnswers { OnboardingAgentExecutionId = run.ToString() });
        await Of(cluster).ResultsOpened(cluster.Ids.NewId());
        Assert.Empty((await Of(cluster).Get()).CompletedSteps);

        await Of(cluster).ResultsOpened(run);

        Assert.Equal(["GET_RESULTS"], (await Of(cluster).Get()).CompletedSteps);
    }

    [Fact]
    public async Task Runs_and_days_in_a_row_in_the_zone_of_the_user_complete_their_steps()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User).SetTimeZone("America/New_York");
        var heard = await ListenAsync(cluster);
        await RunsAsync(cluster, 9, s_noon);
        // 03:30 UTC is the evening before in New York, so that this is the same day and then the second and the third.
        await RunsAsync(cluster, 1, new DateTimeOffset(2026, 3, 2, 3, 30, 0, TimeSpan.Zero));
        await RunsAsync(cluster, 1, new DateTimeOffset(2026, 3, 3, 3, 30, 0, TimeSpan.Zero));
        await RunsAsync(cluster, 89, new DateTimeOffset(2026, 3, 4, 3, 30, 0, TimeSpan.Zero));

        var state = await Of(cluster).Get();
        Assert.Equal((100, new DateTimeOffset(2026, 3, 4, 3, 30, 0, TimeSpan.Zero), 3), (state.AgentRuns, state.LastRunAt, state.ConsecutiveRunDays));
        Assert.Equal(["RUN_AGENTS", "RUN_AGENTS_100", "RUN_3_DAYS"], state.CompletedSteps);
        // 300 for ten runs, 300 for a hundred, 100 for three days.
        Assert.Equal(2200, await cluster.Wallet().GetBalance());
        var told = new List<string?>();
        while (told.Count < 5) told.Add(await heard.Progress.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(GrainCluster.Patience));
        // Pushes are sent in their order and may overtake each other.
        Assert.Equal([null, null, "RUN_3_DAYS", "RUN_AGENTS", "RUN_AGENTS_100"], told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Runs_of_one_moment_that_are_on_two_days_leave_no_day_out()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await RunsAsync(cluster, 1, s_noon);

        await Of(cluster).RunsStarted(new StartedRuns { Count = 2, FirstAt = s_noon.AddDays(1).AddHours(11), LastAt = s_noon.AddDays(2).AddHours(-11) });

        Assert.Equal((3, 3), ((await Of(cluster).Get()).AgentRuns, (await Of(cluster).Get()).ConsecutiveRunDays));
    }

    [Fact]
    public async Task Runs_that_are_started_are_counted_those_of_sub_agents_too_and_dry_ones_not()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var heard = await ListenAsync(cluster);
        var child = cluster.NewAgent("Child").Node("step", TestBlocks.Step).Build();
        var agent = cluster.NewAgent("Parent").Agent("agent", child).Build();
        await cluster.StoreAsync(agent, child);
        var dry = cluster.Ids.NewId();
        await cluster.Run(dry).Start(GrainCluster.Command(agent) with { IsDryRun = true });
        await cluster.EndOfAsync(dry);

        await cluster.EndOfAsync(await cluster.StartRunAsync(agent));

        Assert.Equal(2, (await UntilAsync(cluster, heard, state => state.AgentRuns >= 2)).AgentRuns);
    }

    [Fact]
    public async Task A_run_by_hand_completes_the_steps_of_its_source_and_of_a_graph_that_was_run_before()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (agent, other) = (cluster.NewAgent().Node("step", TestBlocks.Step).Build(), cluster.NewAgent().Node("step", TestBlocks.Step).Build());
        await cluster.RunToEndAsync(other);
        await cluster.RunToEndAsync(agent);
        Assert.Equal(["BUILDER_RUN_AGENT"], await Of(cluster).StartedByHand(Guid.Parse(agent.Id), "builder"));

        await cluster.EndOfAsync(await cluster.StartRunAsync(agent));

        Assert.Equal(["BUILDER_RUN_AGENT", "MARKETPLACE_RUN_AGENT", "RE_RUN_AGENT"], await Of(cluster).StartedByHand(Guid.Parse(agent.Id), "library"));
        // Runs of somebody else are no runs of this user.
        Assert.Empty(await cluster.Grains.GetGrain<IOnboardingGrain>("user-2").StartedByHand(Guid.Parse(agent.Id), source: null));
    }

    [Fact]
    public async Task A_trigger_beside_a_run_is_no_run_on_its_day()
    {
        var midnight = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
        var clock = new ManualClock(midnight.AddMilliseconds(-400));
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var heard = await ListenAsync(cluster);
        var counter = cluster.Services.GetRequiredService<RunCounter>();
        counter.Triggered(GrainCluster.User);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        counter.Started(GrainCluster.User);
        clock.Advance(TimeSpan.FromMilliseconds(400));
        counter.Triggered(GrainCluster.User);

        var state = await UntilAsync(cluster, heard, state => state.AgentRuns > 0, clock);

        Assert.Equal((1, midnight.AddMilliseconds(-200), 1), (state.AgentRuns, state.LastRunAt, state.ConsecutiveRunDays));
        Assert.Equal(["TRIGGER_WEBHOOK"], state.CompletedSteps);
    }

    [Fact]
    public async Task Each_firing_of_a_schedule_is_counted_once()
    {
        await using var schedules = await ScheduleCluster.StartAsync();
        var heard = await ListenAsync(schedules.Grains);
        var id = await schedules.CreateAsync(await schedules.AgentAsync(), "* * * * *");
        await schedules.TickAsync(id);
        await schedules.TickAsync(id, TimeSpan.FromMinutes(1));
        // A tick that comes again starts nothing, and counts nothing.
        await schedules.TickAsync(id);

        await UntilAsync(schedules.Grains, heard, state => state.AgentRuns >= 2, schedules.Clock);
        await UntilAsync(schedules.Grains, heard, _ => true, schedules.Clock);

        Assert.Equal(2, (await Of(schedules.Grains).Get()).AgentRuns);
    }

    [Fact]
    public async Task A_webhook_that_triggers_a_preset_completes_its_step_and_its_run_is_counted()
    {
        await using var world = await WebhookWorld.StartAsync();
        var heard = await ListenAsync(world.Cluster);
        var preset = await world.GenericAsync();

        await world.SendAsync(preset.WebhookId!.Value, "{}");
        await world.ProcessedAsync(preset.WebhookId.Value);

        var state = await UntilAsync(world.Cluster, heard, state => state is { AgentRuns: 1, CompletedSteps.Length: 1 });
        Assert.Equal(["TRIGGER_WEBHOOK"], state.CompletedSteps);
        Assert.Equal(1600, await world.Cluster.Wallet().GetBalance());
    }

    internal static string Text(OnboardingState state) => $"completed {string.Join(' ', state.CompletedSteps)}, rewarded {string.Join(' ', state.RewardedFor)}";

    internal static IOnboardingGrain Of(GrainCluster cluster) => cluster.Grains.GetGrain<IOnboardingGrain>(GrainCluster.User);

    private static Task RunsAsync(GrainCluster cluster, int count, DateTimeOffset at) => Of(cluster).RunsStarted(new StartedRuns { Count = count, FirstAt = at, LastAt = at });

    private static async Task<ObservedRuns> ListenAsync(GrainCluster cluster)
    {
        var heard = new ObservedRuns();
        await cluster.Grains.GetGrain<ILogListenersGrain>(GrainCluster.User).Register(cluster.Ids.NewId(), cluster.Running.Client.CreateObjectReference<ILogObserver>(heard));
        return heard;
    }

    /// <summary>Waits until the state holds, reading it after each push. A clock that stands still is moved on by what the silos collect runs for.</summary>
    private static async Task<OnboardingState> UntilAsync(GrainCluster cluster, ObservedRuns heard, Func<OnboardingState, bool> holds, ManualClock? clock = null)
    {
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (true)
        {
            var state = await Of(cluster).Get();
            if (holds(state)) return state;
            clock?.Advance(RunCounter.Delay);
            using var moment = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            moment.CancelAfter(TimeSpan.FromMilliseconds(100));
            try
            {
                await heard.Progress.ReadAsync(moment.Token);
            }
            catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain: {state}\n{cluster.Log}", exception);
            }
            catch (OperationCanceledException)
            {
                // Registrations are held in memory, so a push may be missed; the state is read again.
            }
        }
    }
}
