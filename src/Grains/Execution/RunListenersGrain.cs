using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IRunListenersGrain"/>
internal sealed class RunListenersGrain(TimeProvider clock) : Grain, IRunListenersGrain
{
    private readonly Dictionary<Guid, DateTimeOffset> _until = [];

    /// <inheritdoc/>
    public Task Listen(Guid listener)
    {
        _until[listener] = clock.GetUtcNow() + IRunListenersGrain.Lifetime;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Leave(Guid listener)
    {
        _until.Remove(listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> HasListeners()
    {
        var now = clock.GetUtcNow();
        return Task.FromResult(_until.Values.Any(until => until > now));
    }
}
