using System.Text;
using Microsoft.ML.Tokenizers;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Counts the tokens of texts with the vocabulary o200k (contract: block-tiers, tier 2; ADR 0021). The vocabulary is loaded at the first
/// count and takes some 60 MiB, so callers that can decide by <see cref="AtMost"/> do that first.
/// </summary>
public static class TokenCount
{
    /// <summary>
    /// Characters of a word that are merged at once. The library's merging takes time with the square of a word's length, so that
    /// 100,000 letters without a space would take half a minute; longer words are counted in parts of this length, which may
    /// change their count by one for each cut.
    /// </summary>
    private const int LongestPart = 256;

    private static readonly Lazy<TiktokenTokenizer> Vocabulary = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>The number of tokens; 0 for the empty text.</summary>
    /// <param name="text">Any text.</param>
    public static int Of(string text) => Parts(text).Sum(part => Count(text.AsSpan(part.Start, part.Length)));

    /// <summary>A number that the tokens of a text do not exceed, without loading the vocabulary: every token has a byte of UTF-8 or more.</summary>
    /// <param name="text">Any text.</param>
    public static int AtMost(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>The longest beginning of a text that has no more than a number of tokens, in whole characters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="tokens">0 or more.</param>
    public static string Head(string text, int tokens)
    {
        foreach (var (start, length) in Parts(text))
        {
            var part = text.AsSpan(start, length);
            var (fitting, counted) = (0, 0);
            if (tokens > 0) fitting = Vocabulary.Value.GetIndexByTokenCount(part, tokens, out _, out counted, considerPreTokenization: false, considerNormalization: false);
            tokens -= counted;
            if (fitting == length) continue;
            var end = start + fitting;
            return text[..(end > 0 && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)];
        }

        return text;
    }

    /// <summary>The longest end of a text that has no more than a number of tokens, in whole characters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="tokens">0 or more.</param>
    public static string Tail(string text, int tokens)
    {
        foreach (var (start, length) in Parts(text).Reverse())
        {
            var part = text.AsSpan(start, length);
            var (fitting, counted) = (length, 0);
            if (tokens > 0) fitting = Vocabulary.Value.GetIndexByTokenCountFromEnd(part, tokens, out _, out counted, considerPreTokenization: false, considerNormalization: false);
            tokens -= counted;
            if (fitting == 0) continue;
            var begin = start + fitting;
            return text[(begin < text.Length && char.IsLowSurrogate(text[begin]) ? begin + 1 : begin)..];
        }

        return text;
    }

    private static int Count(ReadOnlySpan<char> part) => Vocabulary.Value.CountTokens(part, considerPreTokenization: false, considerNormalization: false);

    // The words that the vocabulary's own rule finds, and parts of those that are longer than it does good.
    private static IEnumerable<(int Start, int Length)> Parts(string text)
    {
        foreach (var (start, length) in Vocabulary.Value.PreTokenizer!.PreTokenize(text))
        {
            var end = start + length;
            for (var at = start; at < end;)
            {
                var next = Math.Min(end, at + LongestPart);
                if (next < end && char.IsHighSurrogate(text[next - 1])) next--;
                yield return (at, next - at);
                at = next;
            }
        }
    }
}
