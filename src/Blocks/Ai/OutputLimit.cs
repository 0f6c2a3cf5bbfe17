namespace Grainflow.Blocks.Ai;

/// <summary>How many tokens an answer may have (contract: block-tiers, tier 2).</summary>
internal static class OutputLimit
{
    /// <summary>What a model may answer when the table does not say.</summary>
    public const int Unknown = 32_768;

    private const int TokensPerMessage = 3;

    /// <summary>The limit to send: the least of what the context window leaves, the model's limit and the caller's; at least 1.</summary>
    public static int Of(ModelInfo model, IReadOnlyList<ChatMessage> messages, int? wanted)
    {
        var left = model.ContextWindow - Tokens(messages);
        return (int)Math.Max(1, Math.Min(left, Math.Min(model.MaxOutput ?? Unknown, wanted ?? int.MaxValue)));
    }

    /// <summary>The tokens of a prompt, estimated.</summary>
    public static long Tokens(IReadOnlyList<ChatMessage> messages) => messages.Sum(Tokens);

    /// <summary>The tokens of one message, estimated.</summary>
    public static long Tokens(ChatMessage message) => TokensPerMessage + TokenEstimate.Of(message.Role) + (long)TokenEstimate.Of(message.Content);
}
