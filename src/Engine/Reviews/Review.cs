using System.Text.Json;

namespace Grainflow.Engine.Reviews;

/// <summary>A decision of a person before a node goes on (contract: semantics 2.12).</summary>
public sealed record Review
{
    /// <summary>The node execution that waits.</summary>
    public required Guid NodeExecutionId { get; init; }

    /// <summary>Its run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The owner of the run, who decides.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary>What is to be approved; after an approval with changes, what was approved.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary>What the node tells the reviewer, or null.</summary>
    public string? Instructions { get; init; }

    /// <summary>Whether the reviewer may change the payload.</summary>
    public required bool IsEditable { get; init; }

    /// <summary>The state.</summary>
    public ReviewState State { get; init; }

    /// <summary>What the reviewer said, or null.</summary>
    public string? Message { get; init; }

    /// <summary>Whether the reviewer has changed the payload; null before the decision.</summary>
    public bool? WasEdited { get; init; }

    /// <summary>Whether the node has gone on with the decision.</summary>
    public bool IsProcessed { get; init; }

    /// <summary>When the node was paused.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed, or null.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it was decided, or null.</summary>
    public DateTimeOffset? ReviewedAt { get; init; }
}

/// <summary>The state of a review (contract: enums, ReviewStatus).</summary>
public enum ReviewState
{
    /// <summary>There is no decision yet.</summary>
    Waiting,

    /// <summary>The node goes on.</summary>
    Approved,

    /// <summary>The node does not do what it asked for.</summary>
    Rejected,
}

/// <summary>The names of <see cref="ReviewState"/> in the contract and in rows.</summary>
public static class ReviewStates
{
    /// <summary>The name.</summary>
    public static string Name(this ReviewState state) => state switch
    {
        ReviewState.Waiting => "WAITING",
        ReviewState.Approved => "APPROVED",
        ReviewState.Rejected => "REJECTED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };

    /// <summary>The state of a name.</summary>
    /// <exception cref="FormatException">There is no such state.</exception>
    public static ReviewState Parse(string name) => name switch
    {
        "WAITING" => ReviewState.Waiting,
        "APPROVED" => ReviewState.Approved,
        "REJECTED" => ReviewState.Rejected,
        _ => throw new FormatException($"'{name}' is not a state of a review."),
    };
}
