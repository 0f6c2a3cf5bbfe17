using System.Net;
using Grainflow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>The SQL of cluster membership is ours (migration 0009); these pin it against the provider, as <see cref="AdoNetProviderTests"/> does for the others.</summary>
public sealed class AdoNetMembershipTests : IAsyncLifetime
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private TestDatabase _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_table_that_is_initialized_by_several_silos_at_once_is_empty_and_has_a_version()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TableAsync()));

        var read = await tables[0].ReadAllAsync(Token);

        Assert.Empty(read.Members);
        Assert.Equal(0, read.Version.Version);
        Assert.Empty((await tables[0].ReadRowAsync(Silo(1), Token)).Members);
    }

    [Fact]
    public async Task A_silo_is_read_as_it_was_written()
    {
        var table = await TableAsync();
        var entry = Entry(1);

        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token));

        var read = await table.ReadAllAsync(Token);
        var written = Assert.Single(read.Members).Item1;
        Assert.Equal(1, read.Version.Version);
        Assert.Equal(
            (entry.SiloAddress, entry.SiloName, entry.HostName, entry.Status, entry.ProxyPort, entry.StartTime, entry.IAmAliveTime),
            (written.SiloAddress, written.SiloName, written.HostName, written.Status, written.ProxyPort, written.StartTime, written.IAmAliveTime));
        Assert.Null((await table.ReadRowAsync(Silo(2), Token)).TryGet(Silo(2)));
        Assert.NotNull((await table.ReadRowAsync(Silo(1), Token)).TryGet(Silo(1)));
    }

    [Fact]
    public async Task Of_changes_at_the_same_version_one_wins_and_the_others_change_nothing()
    {
        var table = await TableAsync();
        var version = (await table.ReadAllAsync(Token)).Version.Next();

        var inserted = await Task.WhenAll(Enumerable.Range(1, 6).Select(silo => table.InsertRowAsync(Entry(silo), version, Token)));

        Assert.Single(inserted, won => won);
        var read = await table.ReadAllAsync(Token);
        var winner = Assert.Single(read.Members).Item1;
        Assert.False(await table.InsertRowAsync(winner, read.Version.Next(), Token));
        Assert.False(await table.UpdateRowAsync(winner, read.Members[0].Item2, version, Token));
        Assert.False(await table.UpdateRowAsync(Entry(99), read.Members[0].Item2, read.Version.Next(), Token));
        Assert.Equal(1, (await table.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task A_status_and_its_suspectors_are_changed_together_with_the_version()
    {
        var table = await TableAsync();
        var entry = Entry(1);
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token);
        entry.Status = SiloStatus.Dead;
        entry.AddSuspector(Silo(2), Now);

        var before = await table.ReadAllAsync(Token);
        Assert.True(await table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next(), Token));

        var read = await table.ReadAllAsync(Token);
        var changed = read.Members[0].Item1;
        Assert.Equal((2, SiloStatus.Dead), (read.Version.Version, changed.Status));
        Assert.Equal(Silo(2), Assert.Single(changed.SuspectTimes!).Item1);
    }

    [Fact]
    public async Task A_sign_of_life_changes_its_time_and_no_version()
    {
        var table = await TableAsync();
        var entry = Entry(1);
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token);
        entry.IAmAliveTime = Now.AddSeconds(5);

        await table.UpdateIAmAliveAsync(entry, Token);

        var read = await table.ReadAllAsync(Token);
        Assert.Equal((1, Now.AddSeconds(5)), (read.Version.Version, read.Members[0].Item1.IAmAliveTime));
    }

    [Fact]
    public async Task Gateways_are_the_living_silos_that_have_a_port_for_them()
    {
        var table = await TableAsync();
        foreach (var entry in new[] { Entry(1), Entry(2, SiloStatus.Dead), Entry(3, proxyPort: 0), Entry(4, SiloStatus.Joining) })
            Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token));
        var provider = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance, null!,
            Options.Create(new AdoNetClusteringClientOptions { Invariant = "Npgsql", ConnectionString = _database.ConnectionString }),
            Options.Create(new GatewayOptions()), Options.Create(new ClusterOptions { ClusterId = "x" }));
        await provider.InitializeGatewayListProvider();

        Assert.Equal(30001, Assert.Single(await provider.GetGateways()).Port);
    }

    [Fact]
    public async Task Rows_of_silos_that_have_been_dead_for_long_are_removed_and_no_others()
    {
        var table = await TableAsync();
        var other = await TableAsync("y");
        foreach (var entry in new[] { Entry(1), Entry(2, SiloStatus.Dead), Entry(3, SiloStatus.Dead, alive: Now.AddDays(1)) })
            Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token));
        await other.InsertRowAsync(Entry(4, SiloStatus.Dead), (await other.ReadAllAsync(Token)).Version.Next(), Token);

        await table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Now).AddHours(1), Token);

        Assert.Equal([Silo(1), Silo(3)], (await table.ReadAllAsync(Token)).Members.Select(member => member.Item1.SiloAddress).OrderBy(silo => silo.Endpoint.Port));
        Assert.Single((await other.ReadAllAsync(Token)).Members);
        await table.DeleteMembershipTableEntriesAsync("x", Token);
        Assert.Single((await other.ReadAllAsync(Token)).Members);
    }

    private static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 11000 + number, 7);

    private static MembershipEntry Entry(int number, SiloStatus status = SiloStatus.Active, int? proxyPort = null, DateTime? alive = null) => new()
    {
        SiloAddress = Silo(number),
        SiloName = $"silo {number}",
        HostName = "host",
        Status = status,
        ProxyPort = proxyPort ?? 30000 + number,
        StartTime = Now,
        IAmAliveTime = alive ?? Now,
    };

    private async Task<AdoNetClusteringTable> TableAsync(string cluster = "x")
    {
        var table = new AdoNetClusteringTable(
            null!, Options.Create(new ClusterOptions { ClusterId = cluster }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = "Npgsql", ConnectionString = _database.ConnectionString }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, Token);
        return table;
    }
}
