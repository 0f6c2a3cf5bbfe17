using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>Asks a person about a sensitive action (contract: semantics 2.12).</summary>
public interface IActionReviews
{
    /// <summary>The decision on this node execution; asks for one when there is none yet.</summary>
    /// <param name="payload">The whole input of the block.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    Task<ReviewDecision> DecideAsync(JsonElement payload, CancellationToken cancellationToken);
}
