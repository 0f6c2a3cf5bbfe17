namespace Grainflow.Storage.Execution;

/// <summary>The row of a node execution. It replaces the stored row, except for the input when <see cref="Input"/> is null.</summary>
public sealed record NodeRow
{
    /// <summary>The node execution.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run it belongs to.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Its place among the node executions of the run, from 0; unique in the run.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The node of the graph.</summary>
    public required string NodeId { get; init; }

    /// <summary>The node's block.</summary>
    public required string BlockId { get; init; }

    /// <summary>A status of the contract (semantics 2.1).</summary>
    public required string Status { get; init; }

    /// <summary>How often it was dispatched.</summary>
    public int Attempt { get; init; }

    /// <summary>The incarnation of the host that runs it, or null.</summary>
    public string? Host { get; init; }

    /// <summary>The resolved input, a UTF-8 JSON object; null leaves the stored input as it is.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>The price of the node execution, in credits, without the every-100th fee.</summary>
    public long Price { get; init; }

    /// <summary>When the node execution was created.</summary>
    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>When it was queued, or null.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    /// <summary>When it started, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Statistics of the contract (semantics 2.11), UTF-8 JSON, or null.</summary>
    public ReadOnlyMemory<byte>? Stats { get; init; }
}

/// <summary>One value that a node execution yielded. It is stored once, beside its event.</summary>
/// <param name="NodeExecutionId">The node execution that yielded it.</param>
/// <param name="Ordinal">Its place among the outputs of that node execution, from 0.</param>
/// <param name="Pin">The output pin.</param>
/// <param name="Value">The value, UTF-8 JSON; key order and number text are kept.</param>
public sealed record NodeOutputRow(Guid NodeExecutionId, int Ordinal, string Pin, ReadOnlyMemory<byte> Value);

/// <summary>A node execution with what it yielded.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Fee">The every-100th fee of its dispatch, in credits; 0 for most.</param>
/// <param name="Outputs">Its outputs, in the order they were yielded.</param>
public sealed record NodeExecutionRecord(NodeRow Row, long Fee, IReadOnlyList<NodeOutputRow> Outputs);
