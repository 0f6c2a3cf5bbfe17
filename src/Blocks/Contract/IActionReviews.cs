using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>The reviews of sensitive actions by a person (contract: semantics 2.12).</summary>
public interface IActionReviews
{
    /// <summary>Returns the decision on this node execution, or requests a review when there is none yet.</summary>
    /// <param name="payload">The whole input of the block.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ReviewDecision> DecideAsync(JsonElement payload, CancellationToken cancellationToken);
}

/// <summary>The result of a review.</summary>
/// <param name="Status">Whether the review is decided, and how.</param>
/// <param name="Data">When approved, the input to run the block with, which the reviewer may have edited; null for the original input.</param>
/// <param name="Message">The reviewer's text, or null.</param>
public sealed record ReviewDecision(ReviewStatus Status, JsonElement? Data, string? Message);

/// <summary>The state of a review (contract: enums, ReviewStatus).</summary>
public enum ReviewStatus
{
    /// <summary>There is no decision yet; the block ends without outputs and is run again later.</summary>
    Waiting,

    /// <summary>The block runs.</summary>
    Approved,

    /// <summary>The block fails.</summary>
    Rejected,
}
