using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Reviews;

/// <summary>What a reviewer decides on one review.</summary>
/// <param name="NodeExecutionId">The review.</param>
/// <param name="IsApproved">Approved, else rejected.</param>
/// <param name="Message">What the reviewer says, or null.</param>
/// <param name="Data">The changed payload, or null for the one under review. Ignored for a rejection and with <paramref name="ApprovesFuture"/>.</param>
/// <param name="ApprovesFuture">Whether further executions of the node in the same run are approved without asking.</param>
public sealed record ReviewVerdict(Guid NodeExecutionId, bool IsApproved, string? Message, JsonElement? Data, bool ApprovesFuture);

/// <summary>The rules of decisions on reviews (contract: semantics 2.12).</summary>
public static class ReviewRule
{
    /// <summary>The message of reviews whose run is stopped.</summary>
    public const string StoppedMessage = "Execution was stopped by user";

    /// <summary>Applies a decision.</summary>
    /// <param name="review">The review.</param>
    /// <param name="verdict">The decision on it.</param>
    /// <param name="now">The time.</param>
    /// <param name="problem">Why the decision is not possible, for the reviewer; else null.</param>
    /// <returns>The review as it is then: the same one when it was decided the same way before, or when there is a problem.</returns>
    public static Review Decide(Review review, ReviewVerdict verdict, DateTimeOffset now, out string? problem)
    {
        problem = null;
        var state = verdict.IsApproved ? ReviewState.Approved : ReviewState.Rejected;
        if (review.State != ReviewState.Waiting)
        {
            if (review.State != state) problem = $"Review {review.NodeExecutionId} was already {review.State.Name()}; it cannot become {state.Name()}.";
            return review;
        }

        var edit = verdict is { IsApproved: true, ApprovesFuture: false } ? verdict.Data : null;
        if (edit is { } data)
        {
            if (!review.IsEditable) problem = $"Review {review.NodeExecutionId} is not editable; leave reviewed_data out.";
            else if (ValueEquality.AreEqual(data, review.Payload)) problem = $"The reviewed_data of review {review.NodeExecutionId} are the data under review; leave reviewed_data out to approve them unchanged.";
            if (problem is not null) return review;
        }

        return review with
        {
            State = state,
            Payload = edit ?? review.Payload,
            Message = string.IsNullOrWhiteSpace(verdict.Message) ? null : verdict.Message,
            WasEdited = edit is not null,
            UpdatedAt = now,
            ReviewedAt = now,
        };
    }
}
