namespace Grainflow.Storage.Steps;

/// <summary>The steps that node executions have done before they have ended (ADR 0035).</summary>
public interface INodeStepStore
{
    /// <summary>The steps of a node execution, by number.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<NodeStep>> ReadAsync(Guid nodeExecutionId, CancellationToken cancellationToken);

    /// <summary>Stores a step, unless one with its number is there. It is durable when this returns.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="step">The step.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Gives up waiting; the step may be stored then.</param>
    /// <returns>The step that is stored: this one, or the one that was there.</returns>
    Task<NodeStep> RecordAsync(Guid nodeExecutionId, NodeStep step, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes the steps of a node execution that has ended, and some of those that a crash left behind after the end of theirs.</summary>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="before">Steps that were stored before this time may have been left behind.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task ForgetAsync(Guid nodeExecutionId, DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>A step that is done.</summary>
/// <param name="Number">From 1, in the order of the node execution.</param>
/// <param name="Kind">What it was, for example <c>tool</c>.</param>
/// <param name="Result">The JSON text of what it gave, in UTF-8, which PostgreSQL can hold.</param>
public sealed record NodeStep(int Number, string Kind, ReadOnlyMemory<byte> Result);
