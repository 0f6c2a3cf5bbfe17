namespace Grainflow.Storage.Execution;

/// <summary>Reads that a running run needs of its own rows.</summary>
public interface IRunOutputFeed
{
    /// <summary>What some nodes of a run emitted on one pin, in the order of the log.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="nodeIds">The nodes.</param>
    /// <param name="pin">The pin.</param>
    /// <param name="afterSequence">Exclusive.</param>
    /// <param name="upToSequence">Inclusive.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<NamedOutput>> ReadAsync(
        Guid runId, IReadOnlyList<string> nodeIds, string pin, long afterSequence, long upToSequence, CancellationToken cancellationToken);

    /// <summary>The fee that the log put on a node execution; 0 for most.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<long> FeeAsync(Guid nodeExecutionId, CancellationToken cancellationToken);

    /// <summary>A root run and the runs of its sub-agents, in the order of their creation.</summary>
    /// <param name="rootRunId">The root run.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<Guid>> FamilyAsync(Guid rootRunId, CancellationToken cancellationToken);
}

/// <summary>A value with the <c>name</c> input of the node execution that emitted it.</summary>
/// <param name="Sequence">Its place in the log.</param>
/// <param name="Name">The name; empty when the node had none.</param>
/// <param name="Value">JSON in UTF-8.</param>
public sealed record NamedOutput(long Sequence, string Name, byte[] Value);
