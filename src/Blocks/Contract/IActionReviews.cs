using System.Text.Json;
using Grainflow.Engine.Reviews;

namespace Grainflow.Blocks.Contract;

/// <summary>The reviews of data and of sensitive actions by a person (contract: semantics 2.12).</summary>
public interface IActionReviews
{
    /// <summary>Returns the decision on this node execution, or requests a review when there is none yet.</summary>
    /// <param name="request">What is to be reviewed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<ReviewDecision> DecideAsync(ReviewRequest request, CancellationToken cancellationToken);
}

/// <summary>What a person is asked to review.</summary>
/// <param name="Payload">The data; of a sensitive action the whole input of the block.</param>
/// <param name="Instructions">What the reviewer is told, or null.</param>
/// <param name="IsEditable">Whether the reviewer may change the data.</param>
public sealed record ReviewRequest(JsonElement Payload, string? Instructions, bool IsEditable);

/// <summary>The result of a review.</summary>
/// <param name="State">Whether the review is decided, and how.</param>
/// <param name="Data">When decided, the data, which the reviewer may have edited; null for those of the request.</param>
/// <param name="Message">The reviewer's text, or null.</param>
public sealed record ReviewDecision(ReviewState State, JsonElement? Data, string? Message);
