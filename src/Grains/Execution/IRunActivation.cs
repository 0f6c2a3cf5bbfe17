using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>What the parts of a run grain need of its Orleans activation.</summary>
internal interface IRunActivation
{
    /// <summary>The run.</summary>
    Guid RunId { get; }

    /// <summary>Starts a timer whose ticks are turns of the activation and keep it alive. The caller disposes it.</summary>
    IGrainTimer StartTimer(Func<CancellationToken, Task> tick, TimeSpan every);

    /// <summary>
    /// Records a report in a turn of the activation, or, when this activation has ended, by a grain call to the next one. May be called from any thread.
    /// </summary>
    Task<NodeReportAnswer> ReportFromThreadAsync(NodeReportMessage report);

    /// <summary>Deactivates once no turn is under way.</summary>
    void Deactivate();
}
