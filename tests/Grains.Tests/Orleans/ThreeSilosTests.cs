using System.Text.Json;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>What must hold when grains live on different silos: messages are serialized, and state, streams and reminders are shared.</summary>
public sealed class ThreeSilosTests
{
    [Fact]
    public async Task Every_message_arrives_on_another_silo_as_it_was_sent()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        var (here, there) = await OnTwoSilosAsync(cluster);
        var samples = new SampleMessages();
        var types = SampleMessages.Types.ToList();
        Assert.NotEmpty(types);

        foreach (var type in types)
        {
            var sent = samples.Of(type);
            var received = await cluster.Grains.GetGrain<IRelayGrain>(here).SendOn(there, sent);

            Assert.IsType(type, received);
            Assert.NotSame(sent, received);
            Assert.Equal(JsonSerializer.Serialize(sent, type), JsonSerializer.Serialize(received, type));
        }
    }

    [Fact]
    public async Task State_that_one_silo_wrote_is_read_by_another_after_the_first_was_killed()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        Assert.True(await cluster.Grains.GetGrain<IUserGrain>("user-1").SetTimeZone("Asia/Kathmandu"));

        await cluster.KillAsync();
        await cluster.RecoverAsync();

        Assert.Equal("Asia/Kathmandu", await cluster.Grains.GetGrain<IUserGrain>("user-1").GetTimeZone());
    }

    [Fact]
    public async Task A_notice_that_one_silo_publishes_reaches_a_listener_on_another()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 3 });
        var silos = cluster.Running.Silos.Select(silo => cluster.Running.GetSiloServiceProvider(silo.SiloAddress)).ToList();
        var observer = new ObservedRuns();
        var listening = silos[0].GetRequiredService<IClusterClient>();
        await listening.GetGrain<ILogListenersGrain>("user-1").Register(cluster.Ids.NewId(), listening.CreateObjectReference<ILogObserver>(observer));

        foreach (var silo in silos)
        {
            var notice = new LogAdvanced { RunId = cluster.Ids.NewId(), GraphId = cluster.Ids.NewId(), Sequence = 3 };
            silo.GetRequiredService<LogAdvancedPublisher>().Publish("user-1", notice);

            Assert.Equal(notice, await observer.Heard.ReadAsync().AsTask().WaitAsync(GrainCluster.Patience));
        }
    }

    [Fact]
    public async Task A_reminder_ticks_on_after_all_silos_were_killed_and_others_started()
    {
        var clock = new ManualClock();
        var ticks = new ReminderTicks();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Silos = 3,
            ReminderClock = new ReadingClock(clock),
            Services = services => services.AddSingleton(ticks),
        });
        await cluster.Grains.GetGrain<IReminderProbeGrain>("probe").Register();
        await TickAsync(clock, ticks);

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        await TickAsync(clock, ticks);

        await cluster.Grains.GetGrain<IReminderProbeGrain>("probe").Unregister();
        Assert.Equal(0L, await cluster.Database.DataSource.CreateCommand("SELECT count(*) FROM OrleansRemindersTable").ExecuteScalarAsync());
    }

    /// <summary>Lets time pass until the reminder has ticked.</summary>
    private static async Task TickAsync(ManualClock clock, ReminderTicks ticks)
    {
        for (var minutes = 0; minutes < 60; minutes++)
        {
            // A silo that has just started reads the table after a few minutes, and arms its timers whenever it gets to it.
            clock.Advance(TimeSpan.FromMinutes(1));
            if (await ticks.NextAsync("probe", TimeSpan.FromMilliseconds(500))) return;
        }

        Assert.Fail("The reminder did not tick within an hour.");
    }

    /// <summary>Two relay grains that live on different silos.</summary>
    private static async Task<(string Here, string There)> OnTwoSilosAsync(GrainCluster cluster)
    {
        var first = await cluster.Grains.GetGrain<IRelayGrain>("0").Where();
        for (var i = 1; i < 1000; i++)
        {
            var name = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (await cluster.Grains.GetGrain<IRelayGrain>(name).Where() != first) return ("0", name);
        }

        throw new InvalidOperationException("All grains were placed on one silo.");
    }
}
