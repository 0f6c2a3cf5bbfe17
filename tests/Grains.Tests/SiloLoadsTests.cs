using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests;

/// <summary>The choice of a silo for a node (DESIGN section 5, "The node grain").</summary>
public sealed class SiloLoadsTests : IDisposable
{
    private static readonly SiloAddress Here = Silo(1);
    private static readonly SiloAddress Second = Silo(2);
    private static readonly SiloAddress Third = Silo(3);

    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly Draining _draining;
    private readonly BlockPool _pool = new(Options.Create(new GrainflowOptions { BlockPoolSize = 2 }));
    private readonly RunSlots _slots;
    private readonly SiloLoads _loads;

    public SiloLoadsTests()
    {
        _draining = new Draining(_lifetime, TimeProvider.System);
        // A run that is asked to take a place never answers, so that the place stays with it and the count of free slots does not change during a test.
        _slots = new RunSlots(2, () => false, _ => new TaskCompletionSource().Task);
        _loads = new SiloLoads(_pool, _slots, _draining, new Details());
    }

    [Fact]
    public void Nodes_stay_on_the_silo_of_their_run_while_its_pool_has_room_and_go_to_the_one_with_most_room_then()
    {
        Know((Second, 1), (Third, 3));

        Assert.Equal([Here, Here, Third, Third, Second, Third, Here], Enumerable.Range(0, 7).Select(Choose));
    }

    [Fact]
    public async Task A_node_that_has_its_place_is_counted_once()
    {
        Know((Second, 5));
        Assert.Equal(Here, Choose(0));
        using var place = await _pool.EnterAsync("user", TestContext.Current.CancellationToken);
        _loads.Arrived(Node(0));

        Assert.Equal([Here, Second], new[] { Choose(1), Choose(2) });
    }

    [Fact]
    public void A_node_that_never_arrives_keeps_no_place()
    {
        Know((Second, 5));
        Assert.Equal([Here, Here, Second], Enumerable.Range(0, 3).Select(Choose));

        Know((Second, 5));

        Assert.Equal(Here, Choose(3));
    }

    [Fact]
    public void Without_a_silo_that_has_room_nodes_wait_on_the_silo_of_their_run()
    {
        Know((Second, 0), (Third, -3));

        Assert.Equal([Here, Here, Here, Here], Enumerable.Range(0, 4).Select(Choose));
    }

    [Fact]
    public void A_node_that_cannot_stay_goes_elsewhere_even_without_room()
    {
        Know((Second, 0), (Third, 0));

        Assert.NotEqual(Here, _loads.Choose(Node(0), [Second, Third]));
    }

    [Fact]
    public void Runs_stay_where_they_are_started_while_there_are_slots_and_go_to_the_silo_with_most_of_them_then()
    {
        KnowSlots((Second, 1), (Third, 3));
        Assert.Equal([Here, Here, Here], Enumerable.Range(0, 3).Select(ChooseForRun));

        Assert.True(_slots.TryTake(Node(0), "user", this));
        Assert.True(_slots.TryTake(Node(1), "user", this));

        Assert.Equal([Third, Third, Second, Third, Here], Enumerable.Range(0, 5).Select(ChooseForRun));
    }

    [Fact]
    public void Runs_that_wait_for_a_slot_send_others_elsewhere()
    {
        for (var run = 0; run < 4; run++) _slots.TryTake(Node(run), "user", this);
        _slots.Release(Node(0), this);
        KnowSlots((Second, 1));

        Assert.Equal([Second, Here], Enumerable.Range(0, 2).Select(ChooseForRun));
    }

    [Fact]
    public void A_run_that_cannot_stay_goes_elsewhere_even_without_a_slot()
    {
        KnowSlots((Second, 0), (Third, -2));

        Assert.NotEqual(Here, _loads.ChooseForRun(Node(0), [Second, Third]));
    }

    [Fact]
    public void Silos_that_drain_get_nothing_new_while_there_are_others()
    {
        var director = new StayingSilosDirector(_loads);
        _loads.Update([new SiloLoad { Silo = Second.ToParsableString(), FreePlaces = 9, IsDraining = true }, new SiloLoad { Silo = Third.ToParsableString(), FreePlaces = 0 }]);

        Assert.Equal([Here, Third], director.Filter(new StayingSilos(), default!, [Here, Second, Third]));
        Assert.Equal([Second], director.Filter(new StayingSilos(), default!, [Second]));
        _draining.Begin();
        Assert.Equal([Third], director.Filter(new StayingSilos(), default!, [Here, Second, Third]));
    }

    public void Dispose()
    {
        _draining.Dispose();
    }

    private sealed class Details : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "test";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Here;

        public SiloAddress GatewayAddress => Here;
    }

    private static SiloAddress Silo(int number) => SiloAddress.New(System.Net.IPAddress.Loopback, 1000 + number, number);

    private static Guid Node(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private SiloAddress Choose(int node) => _loads.Choose(Node(node), [Here, Second, Third]);

    private SiloAddress ChooseForRun(int run) => _loads.ChooseForRun(Node(run), [Here, Second, Third]);

    private void KnowSlots(params (SiloAddress Silo, int Free)[] others) =>
        _loads.Update([.. others.Select(other => new SiloLoad { Silo = other.Silo.ToParsableString(), FreePlaces = 0, FreeRunSlots = other.Free })]);

    private void Know(params (SiloAddress Silo, int Free)[] others) => _loads.Update([.. others.Select(other => new SiloLoad { Silo = other.Silo.ToParsableString(), FreePlaces = other.Free })]);
}
