using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>A gateway that is told when logs of runs have grown. What it is told are hints: they may be lost, late or repeated.</summary>
[Alias("grainflow.IRunObserver")]
public interface IRunObserver : IGrainObserver
{
    /// <summary>Logs have grown. Nobody waits for the answer.</summary>
    /// <param name="notices">Runs of the user, in the order in which they were told.</param>
    [Alias("Grew"), OneWay]
    Task Grew(ImmutableArray<RunGrew> notices);
}
