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
        await store.RenewAsync(first, "a", "http://first", Token);
        await store.RenewAsync(second, "a", "http://second", Token);
        await store.RenewAsync(fixture.NextId(), "b", "http://other", Token);

        Assert.Equal(["http://second", "http://first"], await store.FindAsync("a", Token));
        await store.RenewAsync(first, "a", "http://first", Token);
        Assert.Equal(["http://first", "http://second"], await store.FindAsync("a", Token));

        await store.RemoveAsync(first, Token);
        Assert.Equal(["http://second"], await store.FindAsync("a", Token));
        Assert.Empty(await store.FindAsync("none", Token));
    }

    [Fact]
    public async Task One_that_was_not_renewed_for_long_is_not_found_and_its_row_goes_with_the_next_renewal()
    {
        var store = new GatewayStore(fixture.Source);
        await store.RenewAsync(fixture.NextId(), "dead", "http://dead", Token);
        await fixture.Source.ExecuteAsync("UPDATE gateways SET seen_at = now() - interval '1 hour' WHERE cluster = 'dead'", [], Token);

        Assert.Empty(await store.FindAsync("dead", Token));
        await store.RenewAsync(fixture.NextId(), "alive", "http://alive", Token);

        Assert.Equal(0, await fixture.Source.ScalarAsync("SELECT count(*) FROM gateways WHERE cluster = 'dead'"));
    }
}
