using System.Text;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Counts tokens where the contract counts whatever the model: with the vocabulary o200k (contract: block-tiers, tier 2; ADR 0021). The vocabulary is loaded at the first
/// count, so callers that can decide by <see cref="AtMost"/> do that first.
/// </summary>
public static class TokenCount
{
    /// <summary>The number of tokens; 0 for the empty text.</summary>
    /// <param name="text">Any text.</param>
    public static int Of(string text) => TokenVocabulary.O200k.Count(text);

    /// <summary>A number that the tokens of a text do not exceed in any vocabulary, without loading one: every token has a byte of UTF-8 or more.</summary>
    /// <param name="text">Any text.</param>
    public static int AtMost(string text) => Encoding.UTF8.GetByteCount(text);

    /// <inheritdoc cref="TokenVocabulary.Head"/>
    public static string Head(string text, int tokens) => TokenVocabulary.O200k.Head(text, tokens);

    /// <inheritdoc cref="TokenVocabulary.Tail"/>
    public static string Tail(string text, int tokens) => TokenVocabulary.O200k.Tail(text, tokens);
}
