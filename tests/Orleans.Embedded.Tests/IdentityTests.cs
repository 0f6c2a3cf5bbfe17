using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class IdentityTests
{
    [Fact]
    public async Task References_to_the_same_grain_are_equal()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Equal(silo.Grain<ICallGrain>("a"), silo.Grain<ICallGrain>("a"));
        Assert.NotEqual(silo.Grain<ICallGrain>("a"), silo.Grain<ICallGrain>("b"));
        Assert.Equal(silo.Grain<ICallGrain>("a").GetHashCode(), silo.Grain<ICallGrain>("a").GetHashCode());
    }

    [Fact]
    public async Task References_to_the_same_grain_reach_the_same_activation()
    {
        await using var silo = await TestSilo.StartAsync();

        var first = await silo.Grain<ICallGrain>("a").Identity();

        Assert.Equal(first, await silo.Grain<ICallGrain>("a").Identity());
        Assert.NotEqual(first, await silo.Grain<ICallGrain>("b").Identity());
    }

    [Fact]
    public async Task A_reference_tells_its_key_and_type()
    {
        await using var silo = await TestSilo.StartAsync();
        var guid = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        var byGuid = silo.Cluster.Client.GetGrain<IGuidStateGrain>(guid);

        Assert.Equal("a", silo.Grain<ICallGrain>("a").GetPrimaryKeyString());
        Assert.Equal(guid, byGuid.GetPrimaryKey());
        Assert.Equal("guidstate/" + guid.ToString("N"), byGuid.GetGrainId().ToString());
        Assert.Throws<ArgumentException>(() => silo.Grain<ICallGrain>("a").GetPrimaryKey());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_key_is_not_blank(string key)
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.Grain<ICallGrain>(key));
    }

    [Fact]
    public async Task An_interface_without_a_class_has_no_grains()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = Assert.Throws<ArgumentException>(() => silo.Grain<IUnimplementedGrain>());

        Assert.Contains(nameof(IUnimplementedGrain), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_with_two_classes_needs_a_prefix()
    {
        await using var silo = await TestSilo.StartAsync();
        var client = silo.Cluster.Client;

        var exception = Assert.Throws<ArgumentException>(() => silo.Grain<IAmbiguousGrain>());

        Assert.Contains(nameof(OtherAmbiguousGrain), exception.Message, StringComparison.Ordinal);
        Assert.Equal("one", await client.GetGrain<IAmbiguousGrain>("a", "Orleans.Embedded.Tests.Grains.One").Who());
        Assert.Equal("other", await client.GetGrain<IAmbiguousGrain>("a", typeof(OtherAmbiguousGrain).FullName).Who());
        Assert.Throws<ArgumentException>(() => client.GetGrain<IAmbiguousGrain>("a", "Somewhere.Else"));
    }

    [Fact]
    public void Grain_ids_compare_by_type_and_key()
    {
        var id = GrainId.Create("type", "key");

        Assert.Equal(id, GrainId.Create(GrainType.Create("type"), IdSpan.Create("key")));
        Assert.True(id == new GrainId(GrainType.Create("type"), IdSpan.Create("key")));
        Assert.True(id != GrainId.Create("type", "other"));
        Assert.True(id != GrainId.Create("other", "key"));
        Assert.True(default(GrainId).IsDefault);
        Assert.Equal("type/key", id.ToString());
    }
}
