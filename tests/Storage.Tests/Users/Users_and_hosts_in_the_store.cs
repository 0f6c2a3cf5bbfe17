using Grainflow.Storage.Hosting;
using Grainflow.Storage.Users;

namespace Grainflow.Storage.Tests.Users;

public sealed class Users_and_hosts_in_the_store(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_is_created_once_and_kept()
    {
        var store = new UserStore(fixture.Source);
        var id = fixture.NextUser();
        Assert.Null(await store.FindAsync(id, Token));

        var first = await store.EnsureAsync(id, "a@example.com", null, Start, Token);
        var again = await store.EnsureAsync(id, "b@example.com", "B", Start.AddDays(1), Token);

        Assert.Equal(new UserRow(id, "a@example.com", null, "not-set", Start), first);
        Assert.Equal(first, again);
    }

    [Fact]
    public async Task A_host_lives_as_long_as_its_heart_beats_and_learns_that_it_was_removed()
    {
        var store = new HostStore(fixture.Source);
        var one = fixture.NextId();
        var two = fixture.NextId();
        await store.RegisterAsync(one, "one", Start, Token);
        await store.RegisterAsync(two, "two", Start.AddSeconds(1), Token);

        Assert.True(await store.HeartbeatAsync(one, Start.AddMinutes(1), Token));
        Assert.True(await store.HeartbeatAsync(one, Start, Token));
        Assert.Equal(
            [new HostRow(one, "one", Start, Start.AddMinutes(1)), new HostRow(two, "two", Start.AddSeconds(1), Start.AddSeconds(1))],
            await store.ListAsync(Token));

        await store.RemoveAsync([one], Token);
        Assert.False(await store.HeartbeatAsync(one, Start.AddMinutes(2), Token));
        Assert.Equal(two, Assert.Single(await store.ListAsync(Token)).Incarnation);
    }
}
