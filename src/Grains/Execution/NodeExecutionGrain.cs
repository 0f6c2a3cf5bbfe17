using System.Diagnostics.CodeAnalysis;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="INodeExecutionGrain"/>
/// <remarks>
/// The block runs outside this grain's scheduler. The grain holds the attempt only so that it can be cancelled, and deactivates once the attempt
/// has ended. Whether an attempt is stale is decided by the run, not here.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "DisposeAfterAsync disposes the attempt when it has ended, even when the grain was deactivated before.")]
[PreferLocalPlacement]
internal sealed class NodeExecutionGrain(NodeRunner runner, IOptions<GrainflowOptions> options, TimeProvider clock) : Grain, INodeExecutionGrain
{
    /// <summary>Longer than the default of MaxDuration of a run, so that Orleans does not collect the activation during an attempt.</summary>
    private static readonly TimeSpan KeepActiveFor = TimeSpan.FromHours(25);
    private NodeAttempt? _attempt;

    /// <inheritdoc/>
    public Task Start(NodeWork work)
    {
        if (_attempt is { } current)
        {
            if (!current.IsOlderThan(work)) return Task.CompletedTask;
            current.Cancel();
        }

        var run = GrainFactory.GetGrain<IGraphExecutionGrain>(work.RunId);
        _attempt = new NodeAttempt(this.GetPrimaryKey(), work, run.Report, clock, options.Value.CancelGrace);
        DelayDeactivation(KeepActiveFor);
        _ = DisposeAfterAsync(_attempt, runner.RunAsync(_attempt));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Cancel()
    {
        _attempt?.Cancel();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ChildProgressed()
    {
        _attempt?.SignalChildProgress();
        return Task.CompletedTask;
    }

    private async Task DisposeAfterAsync(NodeAttempt attempt, Task running)
    {
        await running;
        attempt.Dispose();
        if (!ReferenceEquals(_attempt, attempt)) return;
        _attempt = null;
        DeactivateOnIdle();
    }
}
