using Grainflow.Storage.Hosting;
using Npgsql;

namespace Grainflow.Storage.Tests.Hosting;

public sealed class InstanceLockTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_holder_is_refused_and_told_who_the_first_is()
    {
        await using var held = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "server", Token);
        await using var elsewhere = NpgsqlDataSource.Create(fixture.Database.ConnectionString);

        var refused = await Assert.ThrowsAsync<DataInUseException>(() => InstanceLock.AcquireAsync(elsewhere, "server", TimeSpan.Zero, Token));

        Assert.Contains($"'server' runs on this database already: grainflow {Environment.ProcessId} (database session ", refused.Message, StringComparison.Ordinal);
        Assert.Matches(@"connected since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", refused.Message);
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Another_name_is_another_lock()
    {
        await using var one = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "one", Token);
        await using var two = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "two", Token);
        Assert.False(one.Lost.IsCancellationRequested || two.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task It_is_free_again_after_it_was_given_back()
    {
        var first = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "again", Token);
        await first.DisposeAsync();
        await first.DisposeAsync();
        await using var second = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "again", Token);
        Assert.False(first.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Its_holder_learns_of_a_Crash_of_the_connection_and_another_can_take_it()
    {
        await using var held = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "broken", Token);
        var lost = new TaskCompletionSource();
        await using var registration = held.Lost.Register(() => lost.SetResult());

        await fixture.Source.ListAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND datname = current_database()
            """,
            [],
            row => row.GetBoolean(0),
            Token);

        await lost.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await using var next = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "broken", TimeSpan.FromMinutes(1), Token);
        Assert.False(next.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task The_processes_of_a_cluster_share_it()
    {
        await using var one = await InClusterAsync("shared", "x");
        await using var two = await InClusterAsync("shared", "x");
        await one.DisposeAsync();
        await using var three = await InClusterAsync("shared", "x");

        Assert.False(two.Lost.IsCancellationRequested || three.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Each_process_of_a_cluster_has_a_lane_of_its_own_and_gives_it_back()
    {
        await using var one = await InClusterAsync("lanes", "x");
        await using var two = await InClusterAsync("lanes", "x");
        await using var other = await InClusterAsync("other lanes", "x");
        Assert.Equal([0, 1, 0], new[] { one.Lane, two.Lane, other.Lane });

        await one.DisposeAsync();
        await using var three = await InClusterAsync("lanes", "x");
        await using var four = await InClusterAsync("lanes", "x");

        Assert.Equal([0, 2], new[] { three.Lane, four.Lane });
    }

    [Fact]
    public async Task Beside_a_cluster_a_process_that_is_alone_is_refused_and_told_its_name()
    {
        await using var held = await InClusterAsync("beside", "x");

        var refused = await Assert.ThrowsAsync<DataInUseException>(() => InstanceLock.AcquireAsync(fixture.Database.DataSource, "beside", TimeSpan.Zero, Token));

        Assert.Contains($"Cluster 'x' runs on this database: grainflow {Environment.ProcessId} of x", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set CLUSTER=x to join it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_process_that_is_alone_a_cluster_is_refused()
    {
        await using var held = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "alone", Token);

        var refused = await Assert.ThrowsAsync<DataInUseException>(() => InClusterAsync("alone", "x"));

        Assert.Contains("'alone' runs on this database already, without CLUSTER", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Stop it before cluster 'x'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_clusters_cannot_use_one_database()
    {
        await using var held = await InClusterAsync("two", "x");

        var refused = await Assert.ThrowsAsync<DataInUseException>(() => InClusterAsync("two", "y"));

        Assert.Contains("Cluster 'x' runs on this database", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Cluster 'y' cannot use it as well", refused.Message, StringComparison.Ordinal);
        // The refused one has kept nothing.
        await held.DisposeAsync();
        await using var alone = await InstanceLock.AcquireAsync(fixture.Database.DataSource, "two", TimeSpan.FromMinutes(1), Token);
        Assert.False(alone.Lost.IsCancellationRequested);
    }

    private Task<InstanceLock> InClusterAsync(string name, string cluster) =>
        InstanceLock.AcquireAsync(fixture.Database.DataSource, name, cluster, TimeSpan.FromMilliseconds(1), Token);
}
