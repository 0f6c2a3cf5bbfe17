using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Users;

namespace Grainflow.Grains.Tests;

public sealed class UserGrainTests
{
    [Fact]
    public async Task The_time_zone_is_utc_until_it_is_set()
    {
        await using var cluster = await GrainCluster.StartAsync();

        Assert.Equal("UTC", await User(cluster).GetTimeZone());
    }

    [Fact]
    public async Task The_time_zone_outlives_the_activation()
    {
        await using var cluster = await GrainCluster.StartAsync();
        Assert.True(await User(cluster).SetTimeZone("Europe/Berlin"));

        await cluster.Running.DeactivateAsync(User(cluster));

        Assert.Equal("Europe/Berlin", await User(cluster).GetTimeZone());
    }

    [Fact]
    public async Task The_time_zone_can_be_changed_again_and_belongs_to_one_user()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await User(cluster).SetTimeZone("Europe/Berlin");
        await User(cluster).SetTimeZone("Asia/Tokyo");

        Assert.Equal("Asia/Tokyo", await User(cluster).GetTimeZone());
        Assert.Equal("UTC", await cluster.Grains.GetGrain<IUserGrain>("user-2").GetTimeZone());
    }

    [Theory]
    [InlineData("Mars/Olympus_Mons")]
    [InlineData("")]
    [InlineData("W. Europe Standard Time")]
    public async Task A_zone_that_is_not_known_is_refused_and_changes_nothing(string zone)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await User(cluster).SetTimeZone("Europe/Berlin");

        Assert.False(await User(cluster).SetTimeZone(zone));

        Assert.Equal("Europe/Berlin", await User(cluster).GetTimeZone());
    }

    [Fact]
    public async Task Ensuring_a_user_again_keeps_what_is_stored()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await User(cluster).Ensure("first@example.com");
        await User(cluster).Ensure("second@example.com");

        var user = await new UserStore(new Database(cluster.Database.DataSource)).FindAsync(GrainCluster.User, CancellationToken.None);

        Assert.Equal("first@example.com", user!.Email);
    }

    private static IUserGrain User(GrainCluster cluster) => cluster.Grains.GetGrain<IUserGrain>(GrainCluster.User);
}
