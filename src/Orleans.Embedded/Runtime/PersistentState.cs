using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A stored document of an activation.</summary>
internal abstract class PersistentState
{
    public static PersistentState Create<TState>(IPersistentStateConfiguration configuration, Activation activation)
    {
        var services = activation.ActivationServices;
        var storage = string.IsNullOrWhiteSpace(configuration.StorageName)
            ? services.GetService<IGrainStorage>()
                ?? throw new BadProviderConfigException($"No default storage provider found loading grain type {activation.GrainId.Type}.")
            : services.GetKeyedService<IGrainStorage>(configuration.StorageName)
                ?? throw new BadProviderConfigException($"No storage provider named \"{configuration.StorageName}\" found loading grain type {activation.GrainId.Type}.");
        return new PersistentState<TState>(configuration.StateName, activation, storage);
    }

    /// <summary>Reads the document before the grain is activated.</summary>
    public abstract Task ReadStateAsync();
}

/// <summary>A stored document of an activation, typed. Its operations run one after the other.</summary>
internal sealed class PersistentState<TState>(string name, Activation activation, IGrainStorage storage) : PersistentState, IPersistentState<TState>
{
    private readonly GrainState<TState> _record = new();
    private Task _last = Task.CompletedTask;
    private bool _loaded;

    public TState State
    {
        get
        {
            activation.EnsureRunning();
            return _record.State!;
        }

        set
        {
            activation.EnsureRunning();
            _record.State = value;
        }
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _loaded ? _record.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    public override Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task ReadStateAsync(CancellationToken cancellationToken) => EnqueueAsync(
        nameof(ReadStateAsync),
        async () =>
        {
            await storage.ReadStateAsync(name, activation.GrainId, _record);
            _loaded = true;
        },
        cancellationToken);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        EnqueueAsync(nameof(WriteStateAsync), () => storage.WriteStateAsync(name, activation.GrainId, _record), cancellationToken);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public Task ClearStateAsync(CancellationToken cancellationToken) =>
        EnqueueAsync(nameof(ClearStateAsync), () => storage.ClearStateAsync(name, activation.GrainId, _record), cancellationToken);

    private Task EnqueueAsync(string operation, Func<Task> run, CancellationToken cancellationToken)
    {
        activation.EnsureRunning();
        return _last = RunAfterAsync(_last, operation, run, cancellationToken);
    }

    private async Task RunAfterAsync(Task previous, string operation, Func<Task> run, CancellationToken cancellationToken)
    {
        // A write takes what the state is when it starts, not when it was asked for, so it never starts in the caller's turn.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        activation.EnsureRunning();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await run();
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            throw new OrleansException($"Error from storage provider {storage.GetType().Name}.{name} during {operation} for grain {activation.GrainId}: {exception.Message}", exception);
        }
    }
}
