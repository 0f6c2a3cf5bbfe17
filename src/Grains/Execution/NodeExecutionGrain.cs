using System.Diagnostics.CodeAnalysis;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="INodeExecutionGrain"/>
/// <remarks>
/// The block runs outside this grain's scheduler; the grain only holds on to the attempt so that it can be cancelled,
/// and is given up as soon as the attempt has ended. Whether an attempt counts is decided by the run's log, not here.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "HoldAsync disposes the attempt when it has ended, whatever becomes of the grain.")]
[PreferLocalPlacement]
internal sealed class NodeExecutionGrain(NodeRunner runner, IOptions<GrainflowOptions> options, TimeProvider clock) : Grain, INodeExecutionGrain
{
    private static readonly TimeSpan Hold = TimeSpan.FromHours(25);
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
        DelayDeactivation(Hold);
        _ = HoldAsync(_attempt, runner.RunAsync(_attempt));
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
        _attempt?.SignalChild();
        return Task.CompletedTask;
    }

    private async Task HoldAsync(NodeAttempt attempt, Task running)
    {
        await running;
        attempt.Dispose();
        if (!ReferenceEquals(_attempt, attempt)) return;
        _attempt = null;
        DeactivateOnIdle();
    }
}
