using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Decides reviews that a run waits for (contract: semantics 2.12).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.DecideReviews")]
public sealed record DecideReviews
{
    /// <summary>Must own the run.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>The decisions, each on another review of the run.</summary>
    [Id(1)]
    public required ImmutableArray<ReviewItem> Items { get; init; }
}

/// <summary>The decision on one review.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ReviewItem")]
public sealed record ReviewItem
{
    /// <summary>The node execution that waits.</summary>
    [Id(0)]
    public required Guid NodeExecutionId { get; init; }

    /// <summary>Approved, else rejected.</summary>
    [Id(1)]
    public required bool IsApproved { get; init; }

    /// <summary>What the reviewer says, or null.</summary>
    [Id(2)]
    public string? Message { get; init; }

    /// <summary>The changed data; null to approve them as they are.</summary>
    [Id(3)]
    public JsonPayload? Data { get; init; }

    /// <summary>Whether further executions of the node in the run are approved without asking.</summary>
    [Id(4)]
    public bool ApprovesFuture { get; init; }
}

/// <summary>The result of <see cref="DecideReviews"/>. All decisions are stored, or none.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ReviewAnswer")]
public sealed record ReviewAnswer
{
    /// <summary>Whether the decisions are stored.</summary>
    [Id(0)]
    public required ReviewOutcome Outcome { get; init; }

    /// <summary>Why they are not, for the reviewer; else null.</summary>
    [Id(1)]
    public string? Problem { get; init; }
}

/// <summary>What became of decisions.</summary>
[GenerateSerializer, Alias("grainflow.ReviewOutcome")]
public enum ReviewOutcome
{
    /// <summary>They are stored, now or by an earlier call.</summary>
    Done,

    /// <summary>The user has no such run, or it has no such review.</summary>
    NotFound,

    /// <summary>The run does not wait for a review: other nodes are under way, or it has ended.</summary>
    NotWaiting,

    /// <summary>A decision contradicts an earlier one, or changes what must not be changed.</summary>
    Invalid,
}
