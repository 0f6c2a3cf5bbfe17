using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class UserGrainCrashTests
{
    [Fact]
    public async Task The_time_zone_outlives_the_silo()
    {
        await using var cluster = await GrainCluster.StartAsync();
        Assert.True(await cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User).SetTimeZone("Europe/Berlin"));

        await cluster.KillAsync();
        await cluster.RecoverAsync();

        Assert.Equal("Europe/Berlin", await cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User).GetTimeZone());
    }
}
