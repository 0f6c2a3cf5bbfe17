using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Grains.Tests;

public sealed class NoticeTests
{
    [Fact]
    public async Task Notices_that_could_not_be_told_do_not_hold_up_the_runs_of_their_user()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Services = services => services.AddSingleton<IIncomingGrainCallFilter>(new UnavailableListeners()),
        });
        var notices = cluster.Services.GetRequiredService<LogAdvancedPublisher>();

        for (var i = 1; i <= 3; i++)
        {
            // The run that met what the failure before left behind would never return from here.
            await Task.Run(() => notices.Publish(GrainCluster.User, new LogAdvanced { RunId = cluster.Ids.NewId(), GraphId = cluster.Ids.NewId(), Sequence = i })).WaitAsync(GrainCluster.Patience);
            await cluster.Log.UntilAsync("could not be sent", i);
        }
    }

    [Fact]
    public async Task A_silo_that_stops_says_nothing_of_notices_that_it_cannot_send_any_more()
    {
        var listeners = new UnavailableListeners();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Services = services => services.AddSingleton<IIncomingGrainCallFilter>(listeners) });
        var notices = cluster.Services.GetRequiredService<LogAdvancedPublisher>();
        cluster.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        // The third call is made when the failures of the first two are behind it.
        for (var i = 1; i <= 3; i++)
        {
            var called = listeners.NextAsync();
            while (!called.IsCompleted)
            {
                notices.Publish(GrainCluster.User, new LogAdvanced { RunId = cluster.Ids.NewId(), GraphId = cluster.Ids.NewId(), Sequence = i });
                await Task.WhenAny(called, Task.Delay(20, TestContext.Current.CancellationToken)).WaitAsync(GrainCluster.Patience);
            }
        }

        Assert.Equal(0, cluster.Log.Count("could not be sent"));
    }

    /// <summary>The silo with the grain that knows the listeners has died.</summary>
    private sealed class UnavailableListeners : IIncomingGrainCallFilter
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes at the next call.</summary>
        public Task NextAsync() => (_next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType != typeof(ILogListenersGrain)) return context.Invoke();
            _next.TrySetResult();
            throw new SiloUnavailableException("The silo is gone.");
        }
    }
}
