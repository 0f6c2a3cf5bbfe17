using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>The silo with the grain that knows the listeners has died.</summary>
    private sealed class UnavailableListeners : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType != typeof(ILogListenersGrain)) return context.Invoke();
            throw new SiloUnavailableException("The silo is gone.");
        }
    }
}
