using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Orleans.Runtime.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="INodeExecutionGrain"/>
/// <remarks>
/// The attempt runs outside this grain's scheduler and is in the list of the silo (<see cref="SiloAttempts"/>). The grain gives it its place in the cluster, and stays until
/// it has ended. Whether an attempt is stale is decided by the run, not here.
/// </remarks>
[RoomPlacement, StayingSilos]
internal sealed class NodeExecutionGrain(SiloAttempts attempts, SiloLoads loads) : Grain, INodeExecutionGrain
{
    /// <summary>Longer than the default of MaxDuration of a run, so that Orleans does not collect the activation during an attempt.</summary>
    private static readonly TimeSpan KeepActiveFor = TimeSpan.FromHours(25);

    /// <inheritdoc/>
    public Task Start(NodeWork work)
    {
        // The hint, if there is one, is for this grain and not for those that the attempt calls.
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        DelayDeactivation(KeepActiveFor);
        _ = DeactivateAfterAsync(attempts.Start(this.GetPrimaryKey(), work, GrainFactory.GetGrain<IGraphExecutionGrain>(work.RunId).Report));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> Find(AttemptKey attempt, bool cancel)
    {
        var found = attempts.Find(AttemptKeys.ToEngine(attempt), cancel);
        DeactivateWhenIdle();
        return Task.FromResult(found);
    }

    /// <inheritdoc/>
    public Task ChildProgressed()
    {
        attempts.SignalChildProgress(this.GetPrimaryKey());
        DeactivateWhenIdle();
        return Task.CompletedTask;
    }

    private async Task DeactivateAfterAsync(Task ended)
    {
        await ended;
        loads.Arrived(this.GetPrimaryKey());
        DeactivateWhenIdle();
    }

    private void DeactivateWhenIdle()
    {
        if (!attempts.HasAny(this.GetPrimaryKey())) DeactivateOnIdle();
    }
}
