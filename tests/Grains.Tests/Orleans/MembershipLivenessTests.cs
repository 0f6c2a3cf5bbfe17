using System.Collections.Immutable;
using System.Net;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>Which silos of a log are gone, by what the membership table says.</summary>
public sealed class MembershipLivenessTests
{
    private static readonly SiloAddress Self = Silo(11, 500);
    private static readonly SiloAddress Other = Silo(12, 600);

    [Fact]
    public async Task This_silo_is_alive_whatever_the_table_says()
    {
        Assert.Empty(await GoneAsync(new Membership(), Self));
        Assert.Empty(await GoneAsync(new Membership((Self, SiloStatus.Dead), (Silo(11, 501), SiloStatus.Active)), Self));
    }

    [Theory]
    [InlineData(SiloStatus.Created, false)]
    [InlineData(SiloStatus.Joining, false)]
    [InlineData(SiloStatus.Active, false)]
    [InlineData(SiloStatus.ShuttingDown, false)]
    [InlineData(SiloStatus.Stopping, false)]
    [InlineData(SiloStatus.Dead, true)]
    public async Task A_listed_silo_is_gone_when_membership_has_declared_it_dead(SiloStatus status, bool gone)
    {
        var membership = new Membership((Self, SiloStatus.Active), (Other, status));

        Assert.Equal(gone ? [Other.ToParsableString()] : [], await GoneAsync(membership, Other));
        Assert.Equal(0, membership.Readings);
    }

    [Theory]
    [InlineData(SiloStatus.Active)]
    [InlineData(SiloStatus.Dead)]
    public async Task A_silo_whose_address_a_later_one_has_is_gone(SiloStatus later)
    {
        var membership = new Membership((Self, SiloStatus.Active), (Silo(12, 601), later));

        Assert.Equal([Other.ToParsableString()], await GoneAsync(membership, Other));
        Assert.Equal(0, membership.Readings);
    }

    [Fact]
    public async Task A_row_that_is_still_active_does_not_make_a_silo_alive_whose_address_a_later_one_has()
    {
        var membership = new Membership((Self, SiloStatus.Active), (Other, SiloStatus.Active), (Silo(12, 601), SiloStatus.Joining));

        Assert.Equal([Other.ToParsableString()], await GoneAsync(membership, Other));
    }

    [Fact]
    public async Task The_earlier_life_of_this_silo_on_the_same_port_is_gone_without_a_reading_of_the_table()
    {
        var membership = new Membership((Self, SiloStatus.Active));

        Assert.Equal([Silo(11, 499).ToParsableString()], await GoneAsync(membership, Silo(11, 499)));
        Assert.Equal(0, membership.Readings);
    }

    [Fact]
    public async Task An_earlier_silo_at_an_address_says_nothing_about_a_later_one()
    {
        var membership = new Membership((Self, SiloStatus.Active), (Silo(12, 599), SiloStatus.Dead)) { Table = [(Self, SiloStatus.Active), (Other, SiloStatus.Active)] };

        Assert.Empty(await GoneAsync(membership, Other));
    }

    [Fact]
    public async Task A_silo_whose_row_was_removed_is_gone_once_the_table_was_read_after_the_question()
    {
        var membership = new Membership((Self, SiloStatus.Active));

        Assert.Equal([Other.ToParsableString()], await GoneAsync(membership, Other));
        Assert.Equal(2, membership.Readings);
    }

    [Fact]
    public async Task A_silo_that_joined_after_the_last_reading_is_alive()
    {
        var membership = new Membership((Self, SiloStatus.Active)) { Table = [(Self, SiloStatus.Active), (Other, SiloStatus.Active)] };

        Assert.Empty(await GoneAsync(membership, Other));
    }

    [Fact]
    public async Task A_reading_that_began_before_the_question_does_not_decide()
    {
        // The first call of Refresh joins a reading that is under way and ends without the silo that has joined meanwhile.
        var membership = new Membership((Self, SiloStatus.Active)) { Table = [(Self, SiloStatus.Active), (Other, SiloStatus.Active)], JoinedReadings = 1 };

        Assert.Empty(await GoneAsync(membership, Other));
    }

    [Fact]
    public async Task Before_the_table_was_read_and_while_this_silo_is_not_active_in_it_nobody_is_gone_for_being_unlisted()
    {
        Assert.Empty(await GoneAsync(new Membership(), Other));
        Assert.Empty(await GoneAsync(new Membership((Self, SiloStatus.Joining)), Other));
        Assert.Empty(await GoneAsync(new Membership((Self, SiloStatus.ShuttingDown)), Other));
        Assert.Empty(await GoneAsync(new Membership((Self, SiloStatus.Dead)), Other));
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_declares_only_those_gone_of_whom_it_is_known()
    {
        var membership = new Membership((Self, SiloStatus.Active), (Other, SiloStatus.Dead)) { Unreadable = true };

        Assert.Equal([Other.ToParsableString()], await GoneAsync(membership, Silo(13, 1), Other));
    }

    [Theory]
    [InlineData("2f4a8a5e-6f0e-4d4f-9f67-1de6c0a7a001")]
    [InlineData("")]
    [InlineData("10.0.0.7:11111")]
    [InlineData("host-1")]
    public async Task A_text_that_is_no_address_of_a_silo_was_written_by_an_older_release_and_is_gone(string text)
    {
        var membership = new Membership();

        Assert.Equal([text], await Liveness(membership).FindGoneAsync([text, text], CancellationToken.None));
        Assert.Equal(0, membership.Readings);
    }

    [Fact]
    public async Task Several_questions_about_the_same_dead_silo_read_the_table_once()
    {
        var membership = new Membership((Self, SiloStatus.Active));
        var liveness = Liveness(membership);

        for (var i = 0; i < 3; i++) Assert.Single(await liveness.FindGoneAsync([Other.ToParsableString(), Self.ToParsableString()], CancellationToken.None));

        Assert.Equal(2, membership.Readings);
    }

    [Fact]
    public async Task Each_incarnation_of_a_test_cluster_finds_the_silos_of_the_one_before_gone_and_itself_alive()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 2 });
        var before = cluster.Running.Silos.Select(silo => silo.SiloAddress.ToParsableString()).ToList();
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var now = cluster.Running.Silos.Select(silo => silo.SiloAddress.ToParsableString()).ToList();

        foreach (var silo in cluster.Running.Silos)
        {
            var liveness = (ISiloLiveness)cluster.Running.GetSiloServiceProvider(silo.SiloAddress).GetService(typeof(ISiloLiveness))!;
            Assert.Equal(before.Order(StringComparer.Ordinal), (await liveness.FindGoneAsync([.. before, .. now], CancellationToken.None)).Order(StringComparer.Ordinal));
        }
    }

    private static SiloAddress Silo(int host, int generation) => SiloAddress.New(new IPAddress([10, 0, 0, (byte)host]), 11111, generation);

    private static MembershipLiveness Liveness(Membership membership) => new(new SiloIdentity(Self), membership, NullLogger<MembershipLiveness>.Instance);

    private static async Task<IEnumerable<string>> GoneAsync(Membership membership, params SiloAddress[] silos) =>
        await Liveness(membership).FindGoneAsync(silos.Select(silo => silo.ToParsableString()), CancellationToken.None);

    /// <summary>A membership whose table is set by the test; a reading makes the table the current snapshot.</summary>
    private sealed class Membership(params (SiloAddress Silo, SiloStatus Status)[] listed) : IClusterMembershipService
    {
        public (SiloAddress Silo, SiloStatus Status)[] Table { get; init; } = listed;

        public bool Unreadable { get; init; }

        /// <summary>How many readings had begun before the table became as it is.</summary>
        public int JoinedReadings { get; set; }

        public int Readings { get; private set; }

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = SnapshotOf(listed, 1);

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
        {
            if (Unreadable) return ValueTask.FromException(new IOException("The database cannot be reached."));
            Readings++;
            if (JoinedReadings-- <= 0) CurrentSnapshot = SnapshotOf(Table, Readings + 1);
            return default;
        }

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

        private static ClusterMembershipSnapshot SnapshotOf((SiloAddress Silo, SiloStatus Status)[] members, long version) => new(
            members.ToImmutableDictionary(member => member.Silo, member => new ClusterMember(member.Silo, member.Status, "silo")), new MembershipVersion(version));
    }
}
