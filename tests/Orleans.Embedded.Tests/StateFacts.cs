using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Tests;

/// <summary>What holds for grain state in every storage.</summary>
public abstract class StateFacts
{
    [Fact]
    public async Task State_that_was_never_written_is_new_and_has_no_record()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("never written");

        Assert.Equal("nothing", await grain.Get());
        Assert.Equal((null, false), await grain.Version());
    }

    [Fact]
    public async Task Written_state_is_there_before_the_next_activation_starts()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("written");
        await grain.Set("something");
        Assert.True((await grain.Version()).Exists);

        await silo.Cluster.DeactivateAsync(grain);

        Assert.Equal("something", await grain.LoadedAtActivation());
    }

    [Fact]
    public async Task What_was_not_written_is_lost_with_the_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("not written");
        await grain.Set("written");
        await grain.SetWithoutWriting("not written");

        await silo.Cluster.DeactivateAsync(grain);

        Assert.Equal("written", await grain.Get());
    }

    [Fact]
    public async Task Reading_again_drops_what_was_not_written()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("read again");
        await grain.Set("written");
        await grain.SetWithoutWriting("not written");

        Assert.Equal("written", await grain.ReadAgain());
    }

    [Fact]
    public async Task Every_write_has_a_new_version()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("versions");
        await grain.Set("one");
        var first = (await grain.Version()).Etag;

        await grain.Set("two");

        Assert.NotNull(first);
        Assert.False(string.Equals(first, (await grain.Version()).Etag, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cleared_state_is_new_again_and_can_be_written_again()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("cleared");
        await grain.Set("something");

        await grain.Clear();

        Assert.Equal("nothing", await grain.Get());
        Assert.False((await grain.Version()).Exists);
        await silo.Cluster.DeactivateAsync(grain);
        Assert.Equal("nothing", await grain.LoadedAtActivation());
        await grain.Set("again");
        await silo.Cluster.DeactivateAsync(grain);
        Assert.Equal("again", await grain.Get());
    }

    [Fact]
    public async Task Clearing_what_was_never_written_does_nothing()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("never written");

        await grain.Clear();

        Assert.Equal((null, false), await grain.Version());
    }

    [Fact]
    public async Task Writes_that_are_started_together_do_not_conflict()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("many writes");

        await grain.SetManyAtOnce(10);

        await silo.Cluster.DeactivateAsync(grain);
        Assert.Equal("10", await grain.Get());
    }

    [Fact]
    public async Task A_grain_may_have_several_states()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<ITwoStatesGrain>("two");
        await grain.Set("1", "2");

        await silo.Cluster.DeactivateAsync(grain);

        Assert.Equal(("1", "2"), await grain.Get());
    }

    [Fact]
    public async Task Guid_keys_have_states_of_their_own()
    {
        await using var silo = await StartAsync();
        var one = silo.Cluster.Client.GetGrain<IGuidStateGrain>(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        var other = silo.Cluster.Client.GetGrain<IGuidStateGrain>(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12));
        await one.Set("one");
        await other.Set("other");

        await silo.Cluster.DeactivateAsync(one);

        Assert.Equal("one", await one.Get());
        Assert.Equal("other", await other.Get());
    }

    [Fact]
    public async Task State_cannot_be_touched_from_outside_of_the_turns()
    {
        await using var silo = await StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(silo.Grain<IStateGrain>("leak").Leak);
    }

    [Fact]
    public async Task A_write_over_a_version_that_is_gone_fails_and_ends_the_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("conflict");
        await grain.Set("mine");
        var activations = silo.Probe.Count("activated");
        await OverwriteAsync(silo, grain, "theirs");

        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Set("mine again"));
        await ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal("theirs", await grain.Get());
        Assert.Equal(activations + 1, silo.Probe.Count("activated"));
    }

    [Fact]
    public async Task A_conflict_that_the_grain_handles_does_not_end_the_activation()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("handled conflict");
        await grain.Set("mine");
        await OverwriteAsync(silo, grain, "theirs");

        await grain.SetSwallowingConflicts("mine again");

        Assert.True(silo.Probe.Has("conflict"));
        Assert.Equal("theirs", await grain.ReadAgain());
        Assert.Equal(1, silo.Probe.Count("activated"));
    }

    [Fact]
    public async Task Clearing_a_version_that_is_gone_fails()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("clear conflict");
        await grain.Set("mine");
        await OverwriteAsync(silo, grain, "theirs");

        await Assert.ThrowsAsync<InconsistentStateException>(grain.Clear);
    }

    [Fact]
    public async Task A_first_write_fails_when_somebody_else_was_first()
    {
        await using var silo = await StartAsync();
        var grain = silo.Grain<IStateGrain>("first write");
        Assert.Equal("nothing", await grain.Get());
        await OverwriteAsync(silo, grain, "theirs");

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Set("mine"));
    }

    [Theory]
    [InlineData(typeof(ILostStateGrain), "No storage provider named \"nowhere\"")]
    [InlineData(typeof(IDefaultStateGrain), "No default storage provider")]
    public async Task A_grain_whose_storage_is_not_configured_cannot_be_activated(Type grain, string message)
    {
        await using var silo = await StartAsync();

        var exception = await Assert.ThrowsAsync<BadProviderConfigException>(() => grain == typeof(ILostStateGrain)
            ? silo.Grain<ILostStateGrain>().Touch()
            : silo.Grain<IDefaultStateGrain>().Touch());

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    internal Task<TestSilo> StartAsync() => TestSilo.StartAsync(Configure);

    protected abstract void Configure(ISiloBuilder silo);

    /// <summary>Changes a stored document as another silo would.</summary>
    private static async Task OverwriteAsync(TestSilo silo, IAddressable grain, string text)
    {
        var storage = silo.Storage("store");
        var record = new GrainState<Document>();
        await storage.ReadStateAsync("document", grain.GetGrainId(), record);
        record.State!.Text = text;
        await storage.WriteStateAsync("document", grain.GetGrainId(), record);
    }
}
