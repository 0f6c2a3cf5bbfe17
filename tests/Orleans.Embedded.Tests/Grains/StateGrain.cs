using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Tests.Grains;

public sealed class StateGrain([PersistentState("document", "store")] IPersistentState<Document> state, Probe probe) : Grain, IStateGrain
{
    private string _loaded = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _loaded = state.State.Text;
        probe.Happened("activated");
        return Task.CompletedTask;
    }

    public Task<string> Get() => Task.FromResult(state.State.Text);

    public Task Set(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }

    public Task SetWithoutWriting(string text)
    {
        state.State.Text = text;
        return Task.CompletedTask;
    }

    public async Task<string> ReadAgain()
    {
        await state.ReadStateAsync();
        return state.State.Text;
    }

    public Task Clear() => state.ClearStateAsync();

    public Task<(string? Etag, bool Exists)> Version() => Task.FromResult((state.Etag, state.RecordExists));

    public Task<string> LoadedAtActivation() => Task.FromResult(_loaded);

    public async Task SetManyAtOnce(int count)
    {
        var writes = new List<Task>();
        for (var number = 1; number <= count; number++)
        {
            state.State.Text = $"{number}";
            writes.Add(state.WriteStateAsync());
        }

        await Task.WhenAll(writes);
    }

    public async Task SetSwallowingConflicts(string text)
    {
        try
        {
            await Set(text);
        }
        catch (InconsistentStateException)
        {
            probe.Happened("conflict");
        }
    }

    public async Task Leak() => await Task.Run(() => state.State.Text);
}

public sealed class GuidStateGrain([PersistentState("guid document", "store")] IPersistentState<Document> state) : Grain, IGuidStateGrain
{
    public Task<string> Get() => Task.FromResult(state.State.Text);

    public Task Set(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }
}

public sealed class TwoStatesGrain(
    [PersistentState("first", "store")] IPersistentState<Document> one,
    Probe probe,
    [PersistentState("second", "store")] IPersistentState<Document> other) : Grain, ITwoStatesGrain
{
    public async Task Set(string first, string second)
    {
        one.State = new Document { Text = first };
        other.State = new Document { Text = second };
        await one.WriteStateAsync();
        await other.WriteStateAsync();
        probe.Happened("set");
    }

    public Task<(string First, string Second)> Get() => Task.FromResult((one.State.Text, other.State.Text));
}

public sealed class LostStateGrain([PersistentState("lost", "nowhere")] IPersistentState<Document> state) : Grain, ILostStateGrain
{
    public Task Touch() => state.WriteStateAsync();
}

public sealed class DefaultStateGrain([PersistentState("default")] IPersistentState<Document> state) : Grain, IDefaultStateGrain
{
    public Task Touch() => state.WriteStateAsync();
}
