using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Ai;

/// <summary>Calls language models (contract: block-tiers, tier 2).</summary>
public interface IChatModels
{
    /// <summary>Makes one call and waits for the whole answer.</summary>
    /// <param name="request">The messages and the model.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ChatModelException">The provider refused the call, gave an invalid answer or none, or could not be reached.</exception>
    Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken);
}

/// <summary>One chat call.</summary>
public sealed record ChatRequest
{
    /// <summary>The model's id, as the pin names it.</summary>
    public required string Model { get; init; }

    /// <summary>The messages in order.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The caller's limit of output tokens, 1 or more; null leaves it to the model's own limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>True to ask for a JSON object where the provider can.</summary>
    public bool JsonMode { get; init; }

    /// <summary>The API key, of the provider that serves the model.</summary>
    public required Credential Credential { get; init; }
}

/// <summary>One message of a chat.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>A model's answer.</summary>
/// <param name="Text">The text; may be empty.</param>
/// <param name="InputTokens">Tokens of the request, as the provider counted them; 0 when it did not say.</param>
/// <param name="OutputTokens">Tokens of the answer; 0 when the provider did not say.</param>
public sealed record ChatReply(string Text, long InputTokens, long OutputTokens);

/// <summary>A chat call failed. The message has no secrets; where the provider gave a reason, it is the provider's message.</summary>
public sealed class ChatModelException : Exception
{
    /// <summary>Makes the failure of a chat call.</summary>
    /// <param name="message">What failed. Users see it.</param>
    /// <param name="inner">The cause, or null.</param>
    public ChatModelException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
