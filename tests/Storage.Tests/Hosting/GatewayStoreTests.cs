using Grainflow.Storage.Hosting;

namespace Grainflow.Storage.Tests.Hosting;

public sealed class GatewayStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_gateways_of_a_cluster_are_found_those_seen_last_first()
    {
        var store = new GatewayStore(fixture.Source);
        var (first, second) = (fixture.NextId(), fixture.NextId());
        await store.RenewAsync(first, Gateway("a", "http://first"), Token);
        await store.RenewAsync(second, Gateway("a", "http://second"), Token);
        await store.RenewAsync(fixture.NextId(), Gateway("b", "http://other"), Token);

        Assert.Equal(["http://second", "http://first"], await FindAsync("a"));
        await store.RenewAsync(first, Gateway("a", "http://first"), Token);
        Assert.Equal(["http://first", "http://second"], await FindAsync("a"));

        await store.RemoveAsync(first, Token);
        Assert.Equal(["http://second"], await FindAsync("a"));
        Assert.Empty(await FindAsync("none"));
    }

    [Fact]
    public async Task One_that_was_not_renewed_for_long_is_not_found_and_its_row_goes_with_the_next_renewal()
    {
        var store = new GatewayStore(fixture.Source);
        var dead = fixture.NextId();
        Assert.False(await store.IsAliveAsync(dead, Token));
        await store.RenewAsync(dead, Gateway("dead", "http://dead"), Token);
        Assert.True(await store.IsAliveAsync(dead, Token));
        await fixture.Source.ExecuteAsync("UPDATE gateways SET seen_at = now() - interval '1 hour' WHERE cluster = 'dead'", [], Token);

        Assert.Empty(await FindAsync("dead"));
        Assert.False(await store.IsAliveAsync(dead, Token));
        await store.RenewAsync(fixture.NextId(), Gateway("alive", "http://alive"), Token);

        Assert.Equal(0, await fixture.Source.ScalarAsync("SELECT count(*) FROM gateways WHERE cluster = 'dead'"));
    }

    [Fact]
    public async Task One_on_the_loopback_of_another_machine_is_not_found()
    {
        var store = new GatewayStore(fixture.Source);
        await store.RenewAsync(fixture.NextId(), Gateway("c", "http://127.0.0.1:8000", "elsewhere"), Token);
        await store.RenewAsync(fixture.NextId(), Gateway("c", "http://[::1]:8000", "elsewhere"), Token);
        await store.RenewAsync(fixture.NextId(), Gateway("c", "http://127.0.0.1:8010"), Token);
        await store.RenewAsync(fixture.NextId(), Gateway("c", "http://10.0.0.7:8000", "elsewhere"), Token);

        Assert.Equal(["http://10.0.0.7:8000", "http://127.0.0.1:8010"], await FindAsync("c"));
    }

    private static AnnouncedGateway Gateway(string cluster, string url, string machine = "here") => new(cluster, url, machine);

    private async Task<IEnumerable<string>> FindAsync(string cluster) => (await new GatewayStore(fixture.Source).FindAsync(cluster, "here", Token)).Select(gateway => gateway.Url);
}
