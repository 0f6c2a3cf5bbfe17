using System.Collections.Immutable;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Execution;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="ISiloAttemptsGrain"/>
[PreferLocalPlacement]
internal sealed class SiloAttemptsGrain(SiloAttempts attempts, SiloIdentity silo) : Grain, ISiloAttemptsGrain
{
    /// <inheritdoc/>
    public Task<ImmutableArray<AttemptKey>> FindMissing(ImmutableArray<AttemptKey> asked, bool cancel)
    {
        var key = this.GetPrimaryKeyString();
        if (string.Equals(key, silo.Name, StringComparison.Ordinal))
            return Task.FromResult(ImmutableArray.CreateRange(asked.Where(attempt => !attempts.Find(AttemptKeys.ToEngine(attempt), cancel))));

        // The next call may be placed where it belongs, so this activation must not stay.
        DeactivateOnIdle();
        throw new InvalidOperationException($"Silo {key} takes no grains, so it cannot be asked for its attempts; silo {silo.Name} does not know them.");
    }
}

/// <summary>Converts the names of attempts between grain messages and the Engine.</summary>
internal static class AttemptKeys
{
    public static AttemptId ToEngine(AttemptKey key) => new(key.NodeExecutionId, key.Attempt, key.Epoch);

    public static AttemptKey ToMessage(AttemptId id) => new() { NodeExecutionId = id.NodeExecutionId, Attempt = id.Number, Epoch = id.Epoch };
}
