using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Monitoring;

/// <summary>When a system task runs: due once each interval, over restarts, on one silo at a time, and by hand (semantics 5.1).</summary>
public sealed class SystemTaskTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_task_runs_once_it_is_due_and_then_once_each_interval()
    {
        await using var cluster = await StartAsync();
        var task = TestTaskOf(cluster);
        var started = _clock.GetUtcNow();
        Assert.Equal(started + Interval, (await task.Look()).DueAt);
        _clock.Advance(Interval - TimeSpan.FromSeconds(1));
        await task.Look();
        Assert.Equal(0, cluster.Tasks.Runs);

        for (var run = 1; run <= 3; run++)
        {
            _clock.Advance(run == 1 ? TimeSpan.FromSeconds(1) : Interval);
            await task.Look();
            var status = await cluster.Tasks.EndOfAsync(task);
            await task.Look();
            Assert.Equal((run, run.ToString(), null), (cluster.Tasks.Runs, Result(status), status.Error));
            Assert.Equal((_clock.GetUtcNow(), _clock.GetUtcNow(), _clock.GetUtcNow() + Interval), (status.StartedAt, status.EndedAt, status.DueAt));
        }
    }

    [Fact]
    public async Task A_restart_keeps_the_last_run_and_puts_the_next_one_off_by_nothing()
    {
        await using var cluster = await StartAsync();
        _ = await TestTaskOf(cluster).Look();
        _clock.Advance(Interval);
        await TestTaskOf(cluster).Look();
        var before = await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));

        // A server that is restarted more often than the interval is long ([Q]).
        for (var restart = 0; restart < 3; restart++)
        {
            _clock.Advance(Interval / 4);
            await cluster.KillAsync();
            await cluster.RecoverAsync();
            Assert.Equivalent(before, await TestTaskOf(cluster).Look());
        }

        _clock.Advance(Interval / 4);
        await TestTaskOf(cluster).Look();
        await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));
        Assert.Equal(2, cluster.Tasks.Runs);
    }

    [Fact]
    public async Task A_task_that_was_due_while_nothing_ran_runs_at_once_and_once()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        await cluster.KillAsync();
        _clock.Advance(TimeSpan.FromDays(7));
        await cluster.RecoverAsync();

        await TestTaskOf(cluster).Look();
        var status = await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));
        await TestTaskOf(cluster).Look();

        Assert.Equal((1, _clock.GetUtcNow() + Interval), (cluster.Tasks.Runs, status.DueAt));
    }

    [Fact]
    public async Task The_run_of_a_silo_that_dies_is_repeated_at_once_and_has_reported_nothing()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        _clock.Advance(Interval);
        var alert = new Alert("TEST", AlertChannels.Platform, "title", "message", []);
        cluster.Tasks.Work = async (run, cancellationToken) =>
        {
            if (run == 1) await Task.Delay(Timeout.Infinite, cancellationToken);
            return new SystemTaskOutcome(JsonValue.Create(run), [alert]);
        };
        await TestTaskOf(cluster).Look();
        await cluster.Tasks.BegunAsync();
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        Assert.Equal(0, await EventsAsync(cluster));

        await TestTaskOf(cluster).Look();
        var status = await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));

        Assert.Equal(("2", 2, 1), (Result(status), cluster.Tasks.Runs, await EventsAsync(cluster)));
        Assert.Equal(_clock.GetUtcNow() + Interval, status.DueAt);
    }

    [Fact]
    public async Task A_run_whose_end_could_not_be_written_is_repeated()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        _clock.Advance(Interval);
        cluster.Tasks.OnEnd = () => throw new IOException("The database is away.");
        await TestTaskOf(cluster).Look();
        await cluster.Log.UntilAsync("could not be run, or its end could not be recorded", 1);
        cluster.Tasks.OnEnd = null;

        await TestTaskOf(cluster).Look();

        Assert.Equal("2", Result(await cluster.Tasks.EndOfAsync(TestTaskOf(cluster))));
    }

    [Fact]
    public async Task Two_silos_that_do_not_know_each_other_run_it_once_at_a_time()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var first = GrainCluster.On(database, Setup());
        await using var second = GrainCluster.On(database, Setup());
        await first.RecoverAsync();
        await second.RecoverAsync();
        await TestTaskOf(first).Look();
        await TestTaskOf(second).Look();
        _clock.Advance(Interval);
        var gate = new TaskCompletionSource();
        first.Tasks.Work = second.Tasks.Work = async (run, _) =>
        {
            await gate.Task;
            return new SystemTaskOutcome(JsonValue.Create(run), []);
        };

        await Task.WhenAll(TestTaskOf(first).Look(), TestTaskOf(second).Look());
        await Task.WhenAny(first.Tasks.BegunAsync(), second.Tasks.BegunAsync());
        var (winner, loser) = first.Tasks.Runs == 1 ? (first, second) : (second, first);
        // By hand neither: the run of the other silo is under way.
        Assert.False((await TestTaskOf(loser).Trigger()).HasRun);
        Assert.NotNull((await TestTaskOf(loser).GetStatus()).Host);
        gate.SetResult();
        await winner.Tasks.EndOfAsync(TestTaskOf(winner));
        await TestTaskOf(loser).Look();

        Assert.Equal((1, 0), (winner.Tasks.Runs, loser.Tasks.Runs));
        Assert.Null((await TestTaskOf(loser).GetStatus()).Host);
    }

    [Fact]
    public async Task Two_silos_of_a_cluster_that_are_due_together_run_it_once()
    {
        var eager = new EagerTask();
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await database.DataSource.CreateCommand("INSERT INTO system_tasks (name, due_at) VALUES ('eager', '2020-01-01')").ExecuteNonQueryAsync();
        await using var cluster = GrainCluster.On(database, new ClusterSetup
        {
            Silos = 2,
            HasTasks = true,
            Listens = false,
            Tasks = options => (options.Enabled, options.Pace) = (true, TimeSpan.FromMilliseconds(100)),
            Services = services => services.AddSingleton<ISystemTask>(eager),
        });
        await cluster.RecoverAsync();
        await cluster.Tasks.EndOfAsync(cluster.Grains.GetGrain<ISystemTaskGrain>(EagerTask.Key));
        // Both have asked by now, the second one several times.
        for (var i = 0; i < 20; i++) await cluster.Calls.NextAsync(nameof(ISystemTaskGrain.Look), 8).WaitAsync(GrainCluster.Patience);
        Assert.Equal(1, eager.Runs);
    }

    [Fact]
    public async Task A_run_that_was_taken_over_drops_what_it_found()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        _clock.Advance(Interval);
        cluster.Tasks.OnEnd = async () => await cluster.Database.DataSource.CreateCommand("UPDATE system_tasks SET claim_id = gen_random_uuid() WHERE name = 'test_task'").ExecuteNonQueryAsync();
        cluster.Tasks.Work = (run, _) => Task.FromResult(new SystemTaskOutcome(JsonValue.Create(run), [new Alert("TEST", AlertChannels.Platform, "title", "message", [])]));
        await TestTaskOf(cluster).Look();
        await cluster.Log.UntilAsync("what it found was dropped", 1);
        cluster.Tasks.OnEnd = null;
        Assert.Equal(0, await EventsAsync(cluster));
        await TestTaskOf(cluster).Look();
        Assert.Equal(1, cluster.Tasks.Runs);

        // Nobody ends the run that is in the row now; it is taken for lost when no run can last any longer.
        _clock.Advance(SystemTaskGrain.LostAfter);
        await TestTaskOf(cluster).Look();
        await cluster.Tasks.BegunAsync();
        while (cluster.Tasks.Runs < 2) await cluster.Tasks.BegunAsync();
    }

    [Fact]
    public async Task A_task_that_is_triggered_runs_at_once_answers_its_result_and_is_due_as_before()
    {
        await using var cluster = await StartAsync();
        var due = (await TestTaskOf(cluster).Look()).DueAt;
        _clock.Advance(TimeSpan.FromHours(1));

        var answer = await TestTaskOf(cluster).Trigger();

        Assert.True(answer.HasRun);
        Assert.Equal(("1", due, _clock.GetUtcNow()), (Result(answer.Status), answer.Status.DueAt, answer.Status.EndedAt));
        Assert.Equivalent(answer.Status, await TestTaskOf(cluster).GetStatus());
    }

    [Fact]
    public async Task Requests_that_meet_a_run_share_it()
    {
        await using var cluster = await StartAsync();
        var gate = new TaskCompletionSource();
        cluster.Tasks.Work = async (run, _) =>
        {
            await gate.Task;
            return new SystemTaskOutcome(JsonValue.Create(run), []);
        };
        var requests = Enumerable.Range(0, 5).Select(_ => TestTaskOf(cluster).Trigger()).ToList();
        await cluster.Tasks.BegunAsync();
        Assert.NotNull((await TestTaskOf(cluster).GetStatus()).Host);
        gate.SetResult();

        var answers = await Task.WhenAll(requests);

        Assert.All(answers, answer => Assert.Equal((true, "1"), (answer.HasRun, Result(answer.Status))));
    }

    [Fact]
    public async Task A_run_that_fails_says_why_alerts_if_the_task_does_and_is_due_again_after_the_interval()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        _clock.Advance(Interval);
        cluster.Tasks.Work = (_, _) => throw new InvalidOperationException("no luck");
        await TestTaskOf(cluster).Look();

        var status = await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));

        Assert.Equal(("InvalidOperationException: no luck", null, _clock.GetUtcNow() + Interval), (status.Error, status.Result, status.DueAt));
        Assert.Equal(1, await EventsAsync(cluster));
        await cluster.Log.UntilAsync("The system task test_task has failed", 1);
    }

    [Fact]
    public async Task A_run_that_takes_longer_than_its_limit_is_ended()
    {
        await using var cluster = await StartAsync();
        cluster.Tasks.Work = async (_, _) =>
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            throw new InvalidOperationException("It never ends by itself.");
        };
        var request = TestTaskOf(cluster).Trigger();
        await cluster.Tasks.BegunAsync();
        await _clock.WaitForTimerAsync(SystemTaskGrain.Limit, TestContext.Current.CancellationToken);
        _clock.Advance(SystemTaskGrain.Limit);

        Assert.Equal("It took longer than 300 seconds.", (await request).Status.Error);
    }

    [Fact]
    public async Task A_task_of_an_unknown_name_is_refused()
    {
        await using var cluster = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Grains.GetGrain<ISystemTaskGrain>("make_coffee").Trigger());
    }

    [Fact]
    public async Task A_process_that_is_no_server_runs_no_task_whoever_asks()
    {
        await using var cluster = await StartAsync();
        await TestTaskOf(cluster).Look();
        await cluster.KillAsync();
        _clock.Advance(TimeSpan.FromDays(7));
        await using var command = GrainCluster.On(cluster.Database, new ClusterSetup { Clock = _clock });
        await command.RecoverAsync();

        // A server's reminder is still in the table.
        await Reminded(TestTaskOf(command)).ReceiveReminder("due", default);
        Assert.Null((await TestTaskOf(command).Look()).DueAt);
        await Assert.ThrowsAsync<InvalidOperationException>(() => TestTaskOf(command).Trigger());
        Assert.Equal(0L, await cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM system_tasks WHERE started_at IS NOT NULL").ExecuteScalarAsync());
        Assert.Empty(command.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<SystemTaskTicker>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reminder_wakes_a_task_when_no_server_asks_unless_tasks_are_switched_off(bool enabled)
    {
        // Its ticker waits for the clock.
        await using var cluster = await StartAsync(options => (options.Enabled, options.Pace) = (enabled, TimeSpan.FromMinutes(10)));
        await TestTaskOf(cluster).Anchor();
        Assert.Equal(1L, await cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM OrleansRemindersTable WHERE ReminderName = 'due' AND GrainId LIKE '%test_task%'").ExecuteScalarAsync());
        await TestTaskOf(cluster).Look();
        await cluster.Database.DataSource.CreateCommand("UPDATE system_tasks SET due_at = '2026-01-01' WHERE name = 'test_task'").ExecuteNonQueryAsync();
        await cluster.Running.DeactivateAsync(TestTaskOf(cluster));

        await Reminded(TestTaskOf(cluster)).ReceiveReminder("due", default);

        if (enabled) await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));
        Assert.Equal(enabled ? 1 : 0, cluster.Tasks.Runs);
    }

    [Fact]
    public async Task A_task_that_runs_at_each_start_is_due_when_a_server_has_anchored_it()
    {
        await using var cluster = await StartAsync();
        cluster.Tasks.RunsAtStart = true;
        await TestTaskOf(cluster).Anchor();
        await TestTaskOf(cluster).Look();
        await cluster.Tasks.EndOfAsync(TestTaskOf(cluster));
        Assert.Equal(1, cluster.Tasks.Runs);
    }

    [Fact]
    public async Task Events_are_counted_by_type_and_logged_when_they_were_committed()
    {
        await using var cluster = await StartAsync();
        cluster.Tasks.Work = (run, _) => Task.FromResult(new SystemTaskOutcome(
            JsonValue.Create(run), [new Alert("TEST", AlertChannels.Product, "something is wrong", "in detail", new JsonObject { ["a"] = 1 }), new Alert("TEST", AlertChannels.Platform, "all is well", "in detail", [], IsWarning: false)]));
        var counted = 0L;
        using var listener = new MeterListener();
        var meters = cluster.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "autogpt_notification_events_total") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted += tags[0].Value is "TEST" ? value : 0);
        listener.Start();

        await TestTaskOf(cluster).Trigger();

        Assert.Equal(2, counted);
        await cluster.Log.UntilAsync("something is wrong", 1);
        Assert.DoesNotContain("all is well", cluster.Log.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            """product {"message":"in detail","a":1}""",
            await cluster.Database.DataSource.CreateCommand("SELECT channel || ' ' || data FROM notification_events WHERE channel = 'product'").ExecuteScalarAsync());
    }

    private static string? Result(SystemTaskStatus status) => status.Result is { } result ? Encoding.UTF8.GetString(result.Memory.Span) : null;

    private static async Task<long> EventsAsync(GrainCluster cluster) => (long)(await cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM notification_events").ExecuteScalarAsync())!;

    private static ISystemTaskGrain TestTaskOf(GrainCluster cluster) => cluster.Grains.GetGrain<ISystemTaskGrain>(TestTask.Key);

    private static IRemindable Reminded(ISystemTaskGrain task) => task.AsReference<IRemindable>();

    private ClusterSetup Setup() => new()
    {
        Clock = _clock,
        HasTasks = true,
        Listens = false,
        Services = services => services.AddSingleton<ISiloLiveness>(new NobodyIsGone()),
    };

    private Task<GrainCluster> StartAsync(Action<SystemTaskOptions>? options = null) => GrainCluster.StartAsync(new ClusterSetup { Clock = _clock, HasTasks = true, Listens = false, Tasks = options });

    /// <summary>Two clusters that do not see each other in their membership; in a real one each would see the other alive.</summary>
    private sealed class NobodyIsGone : ISiloLiveness
    {
        public ValueTask RefreshAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<IReadOnlySet<string>> FindGoneAsync(IEnumerable<string> silos, CancellationToken cancellationToken) => new(new HashSet<string>(StringComparer.Ordinal));

        public IReadOnlyList<SiloIdentity> FindActive() => [];
    }

    /// <summary>A task that is due when the silos start.</summary>
    private sealed class EagerTask : ISystemTask
    {
        public const string Key = "eager";

        private int _runs;

        public int Runs => _runs;

        public string Name => Key;

        public TimeSpan? Interval => TimeSpan.FromHours(6);

        public Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            return Task.FromResult(SystemTaskOutcome.Text("done"));
        }
    }
}
