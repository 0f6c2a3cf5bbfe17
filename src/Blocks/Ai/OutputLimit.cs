namespace Grainflow.Blocks.Ai;

/// <summary>Computes the most tokens that an answer may have (contract: block-tiers, tier 2).</summary>
internal static class OutputLimit
{
    /// <summary>The limit of a model for which the table has none.</summary>
    public const int Unknown = 32_768;

    private const int TokensPerMessage = 3;

    /// <summary>The smallest of the rest of the context window, the model's limit and the caller's limit, but at least 1.</summary>
    public static int Of(ModelInfo model, IReadOnlyList<ChatMessage> messages, int? wanted)
    {
        var left = model.ContextWindow - Tokens(messages);
        return (int)Math.Max(1, Math.Min(left, Math.Min(model.MaxOutput ?? Unknown, wanted ?? int.MaxValue)));
    }

    /// <summary>The estimated tokens of a prompt.</summary>
    public static long Tokens(IReadOnlyList<ChatMessage> messages) => messages.Sum(Tokens);

    /// <summary>The estimated tokens of one message.</summary>
    public static long Tokens(ChatMessage message) => TokensPerMessage + TokenEstimate.Of(message.Role) + (long)TokenEstimate.Of(message.Content);
}
