using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>Computes the most tokens that an answer may have (contract: block-tiers, tier 2).</summary>
internal static class OutputLimit
{
    /// <summary>Tokens that a model may answer when the table of models does not say.</summary>
    public const int Unknown = 32_768;

    private const int TokensPerMessage = 3;

    /// <summary>The limit to send, in tokens: the least of what the context window leaves, the model's limit and the caller's; at least 1.</summary>
    /// <param name="model">The model that is called.</param>
    /// <param name="messages">The prompt.</param>
    /// <param name="wanted">The caller's limit in tokens, or null.</param>
    public static int Of(ModelInfo model, IReadOnlyList<ChatMessage> messages, int? wanted)
    {
        var most = Math.Min(model.MaxOutput ?? Unknown, wanted ?? int.MaxValue);
        var vocabulary = TokenVocabulary.Of(model.Id);
        if (!IsAtMost(messages, model.ContextWindow - most, vocabulary)) most = (int)Math.Min(most, model.ContextWindow - messages.Sum(message => Tokens(message, vocabulary)));
        return Math.Max(1, most);
    }

    /// <summary>True for a prompt that has no more tokens than that; it is counted only when its size does not say so already.</summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="tokens">A number of tokens.</param>
    /// <param name="vocabulary">Counts them.</param>
    public static bool IsAtMost(IReadOnlyList<ChatMessage> messages, long tokens, TokenVocabulary vocabulary) =>
        messages.Sum(message => TokensPerMessage + Texts(message).Sum(text => (long)TokenCount.AtMost(text))) <= tokens || messages.Sum(message => Tokens(message, vocabulary)) <= tokens;

    /// <summary>The tokens of one message: those of its texts, three for its frame, and one for a name.</summary>
    /// <param name="message">A message of a prompt.</param>
    /// <param name="vocabulary">Counts them.</param>
    public static long Tokens(ChatMessage message, TokenVocabulary vocabulary) =>
        TokensPerMessage + (message.Whole?.Member("name") is null ? 0 : 1) + Texts(message).Sum(text => (long)vocabulary.Count(text));

    // Of a message with tool calls, or in parts, everything else counts as its JSON.
    private static IEnumerable<string> Texts(ChatMessage message)
    {
        yield return message.Role;
        yield return message.Content;
        if (message.Whole is not { } whole) yield break;
        foreach (var member in whole.EnumerateObject())
            if (member.Name != "role" && !(member.Name == "content" && member.Value.ValueKind == JsonValueKind.String)) yield return JsonValues.Compact(member.Value);
    }
}
