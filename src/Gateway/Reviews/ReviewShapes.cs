using System.Text.Json;
using Grainflow.Engine.Reviews;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Reviews;

/// <summary>Decisions on reviews of one run.</summary>
[SchemaName("ReviewRequest")]
internal sealed record ReviewRequestBody
{
    public required IReadOnlyList<ReviewItemBody> Reviews { get; init; }
}

/// <summary>The decision on one review.</summary>
[SchemaName("ReviewItem")]
internal sealed record ReviewItemBody
{
    public required string NodeExecId { get; init; }

    public required bool Approved { get; init; }

    /// <summary>What the reviewer says, at most 2,000 characters.</summary>
    [Longest(2000)]
    public string? Message { get; init; }

    /// <summary>The changed data; null to approve them as they are.</summary>
    [AnyJson]
    public JsonElement? ReviewedData { get; init; }

    /// <summary>Whether further executions of the node in this run are approved without asking.</summary>
    [SchemaDefault("false")]
    public bool AutoApproveFuture { get; init; }
}

/// <summary>What became of the decisions.</summary>
internal sealed record ReviewResponse
{
    public required int ApprovedCount { get; init; }

    public required int RejectedCount { get; init; }

    public required int FailedCount { get; init; }

    public string? Error { get; init; }
}

/// <summary>A review.</summary>
internal sealed record PendingHumanReviewModel
{
    public required string NodeExecId { get; init; }

    [SchemaDefault("\"\"")]
    public string NodeId { get; init; } = "";

    public required string UserId { get; init; }

    public required string GraphExecId { get; init; }

    public required string GraphId { get; init; }

    public required int GraphVersion { get; init; }

    [AnyJson]
    public required JsonElement Payload { get; init; }

    public string? Instructions { get; init; }

    public required bool Editable { get; init; }

    [OneOf("WAITING", "APPROVED", "REJECTED")]
    public required string Status { get; init; }

    public string? ReviewMessage { get; init; }

    public bool? WasEdited { get; init; }

    [SchemaDefault("false")]
    public bool Processed { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    public DateTimeOffset? ReviewedAt { get; init; }

    /// <summary>A chat session, of which there are none here.</summary>
    public string? SessionId { get; init; }

    /// <summary>The entry of the graph in the library; null before there is one.</summary>
    public string? LibraryAgentId { get; init; }

    /// <summary>The review as the API shows it.</summary>
    public static PendingHumanReviewModel Of(Review review) => new()
    {
        NodeExecId = review.NodeExecutionId.ToString(),
        NodeId = review.NodeId,
        UserId = review.UserId,
        GraphExecId = review.RunId.ToString(),
        GraphId = review.GraphId.ToString(),
        GraphVersion = review.GraphVersion,
        Payload = review.Payload,
        Instructions = review.Instructions,
        Editable = review.IsEditable,
        Status = review.State.Name(),
        ReviewMessage = review.Message,
        WasEdited = review.WasEdited,
        Processed = review.IsProcessed,
        CreatedAt = review.CreatedAt,
        UpdatedAt = review.UpdatedAt,
        ReviewedAt = review.ReviewedAt,
    };
}
