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
            // A later session may begin with the first attempt again, if the dispatch before never became durable.
            if ((current.Work.Epoch, current.Work.Attempt).CompareTo((work.Epoch, work.Attempt)) >= 0) return Task.CompletedTask;
            current.Cancel();
        }

        _attempt = new NodeAttempt(this.GetPrimaryKey(), work, clock, options.Value.CancelGrace);
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
