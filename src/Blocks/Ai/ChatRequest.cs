using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Ai;

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

    /// <summary>The key of the provider.</summary>
    public required Credential Credential { get; init; }
}
