namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Chooses the ids of new runs, all of them random UUIDs (version 4). Thread-safe.</summary>
public interface IRunIds
{
    /// <summary>The id of a run that is about to be started from this process.</summary>
    Guid NewRunId();
}

/// <summary>Ids for a process without a silo.</summary>
public sealed class RandomRunIds : IRunIds
{
    /// <inheritdoc/>
    public Guid NewRunId() => Guid.NewGuid();
}
