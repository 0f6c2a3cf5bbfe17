namespace Grainflow.Blocks.Ai;

/// <summary>Language models, by provider (contract: block-tiers, tier 2).</summary>
public interface IChatModels
{
    /// <summary>One chat call.</summary>
    /// <param name="request">The messages and the model.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ChatModelException">The provider refused, answered something else, or could not be reached.</exception>
    Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken);
}
