using Microsoft.ML.Tokenizers;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// A vocabulary of tokens: o200k, by which the contract counts and which OpenAI's models since GPT-4o have, and cl100k, which those before have (ADR 0021). Each is loaded at its first
/// count, once for the process, and takes some 50 MiB.
/// </summary>
public sealed class TokenVocabulary
{
    /// <summary>
    /// Characters of a word that are merged at once. The library's merging takes time with the square of a word's length, so that
    /// 100,000 letters without a space would take half a minute; longer words are counted in parts of this length, which may
    /// change their count by one for each cut.
    /// </summary>
    private const int LongestPart = 256;

    private readonly Lazy<TiktokenTokenizer> _tokenizer;

    private TokenVocabulary(string encoding) => _tokenizer = new(() => TiktokenTokenizer.CreateForEncoding(encoding));

    /// <summary>The vocabulary of OpenAI's models since GPT-4o and of the o series, and the contract's for all models.</summary>
    public static TokenVocabulary O200k { get; } = new("o200k_base");

    /// <summary>The vocabulary of GPT-3.5, GPT-4, GPT-4 Turbo and of OpenAI's embeddings.</summary>
    public static TokenVocabulary Cl100k { get; } = new("cl100k_base");

    /// <summary>
    /// The vocabulary by which the tokens of a model are counted: its own for OpenAI's models, also where another provider serves them or they are fine-tuned. Those of other makers are
    /// estimated by o200k, as the contract does.
    /// </summary>
    /// <param name="model">The model's id, as a pin names it.</param>
    public static TokenVocabulary Of(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        if (name.StartsWith("ft:", StringComparison.Ordinal)) name = name[3..];
        return name is "gpt-4"
            || name.StartsWith("gpt-4-", StringComparison.Ordinal)
            || name.StartsWith("gpt-4:", StringComparison.Ordinal)
            || name.StartsWith("gpt-3.5-turbo", StringComparison.Ordinal)
            || name.StartsWith("gpt-35-turbo", StringComparison.Ordinal)
            || name.StartsWith("text-embedding-3-", StringComparison.Ordinal)
            || name is "text-embedding-ada-002"
            ? Cl100k
            : O200k;
    }

    /// <summary>The number of tokens; 0 for the empty text.</summary>
    /// <param name="text">Any text.</param>
    public int Count(string text) => Parts(text).Sum(part => Count(text.AsSpan(part.Start, part.Length)));

    /// <summary>The longest beginning of a text that has no more than a number of tokens, in whole characters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="tokens">0 or more.</param>
    public string Head(string text, int tokens)
    {
        foreach (var (start, length) in Parts(text))
        {
            var part = text.AsSpan(start, length);
            var (fitting, counted) = (0, 0);
            if (tokens > 0) fitting = _tokenizer.Value.GetIndexByTokenCount(part, tokens, out _, out counted, considerPreTokenization: false, considerNormalization: false);
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
    public string Tail(string text, int tokens)
    {
        foreach (var (start, length) in Parts(text).Reverse())
        {
            var part = text.AsSpan(start, length);
            var (fitting, counted) = (length, 0);
            if (tokens > 0) fitting = _tokenizer.Value.GetIndexByTokenCountFromEnd(part, tokens, out _, out counted, considerPreTokenization: false, considerNormalization: false);
            tokens -= counted;
            if (fitting == 0) continue;
            var begin = start + fitting;
            return text[(begin < text.Length && char.IsLowSurrogate(text[begin]) ? begin + 1 : begin)..];
        }

        return text;
    }

    private int Count(ReadOnlySpan<char> part) => _tokenizer.Value.CountTokens(part, considerPreTokenization: false, considerNormalization: false);

    // The words that the vocabulary's own rule finds, and parts of those that are longer than it does good.
    private IEnumerable<(int Start, int Length)> Parts(string text)
    {
        foreach (var (start, length) in _tokenizer.Value.PreTokenizer!.PreTokenize(text))
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
