using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Ai;

/// <summary>Language models, by provider (contract: block-tiers, tier 2).</summary>
public interface IChatModels
{
    /// <summary>Sends messages to a model and returns its answer.</summary>
    /// <param name="request">The messages and the model.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ChatModelException">The provider refused, sent an invalid answer, or could not be reached.</exception>
    Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken);
}

/// <summary>One chat call.</summary>
public sealed record ChatRequest
{
    /// <summary>The id of the model in the <see cref="ModelTable"/>.</summary>
    public required string Model { get; init; }

    /// <summary>The messages in order.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The most output tokens, 1 or more; null for the limit of the model.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>True to ask for a JSON object, if the provider supports it.</summary>
    public bool JsonMode { get; init; }

    /// <summary>The key of the provider.</summary>
    public required Credential Credential { get; init; }
}

/// <summary>One message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>A model's answer.</summary>
/// <param name="Text">The text; may be empty.</param>
/// <param name="InputTokens">The tokens of the request as the provider counted them; 0 when it did not report them.</param>
/// <param name="OutputTokens">The tokens of the answer; 0 when the provider did not report them.</param>
public sealed record ChatReply(string Text, long InputTokens, long OutputTokens);

/// <summary>A chat call failed. The message is the provider's, without secrets.</summary>
public sealed class ChatModelException : Exception
{
    /// <summary>Creates the exception of a failed call.</summary>
    /// <param name="message">The provider's text, without secrets.</param>
    /// <param name="inner">The cause, or null.</param>
    public ChatModelException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
