using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>A gateway that is told when logs of runs have grown. What it is told are hints: they may be lost, late or repeated.</summary>
[Alias("grainflow.ILogObserver")]
public interface ILogObserver : IGrainObserver
{
    /// <summary>Logs have grown. Nobody waits for the answer.</summary>
    /// <param name="notices">Runs of the user, in the order in which they were told.</param>
    [Alias("LogsAdvanced"), OneWay]
    Task LogsAdvanced(ImmutableArray<LogAdvanced> notices);
}
