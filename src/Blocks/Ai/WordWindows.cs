namespace Grainflow.Blocks.Ai;

/// <summary>Cuts a text into windows of words that overlap (contract: block-tiers, AI Text Summarizer).</summary>
internal static class WordWindows
{
    private const int MostCharacters = 1_000_000;
    private const int MostWindows = 100;

    /// <summary>The windows: at most 100, of the first 1,000,000 characters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="size">Words of a window, 1 or more.</param>
    /// <param name="overlap">Words that a window shares with the next, 0 or more.</param>
    public static IEnumerable<string> Of(string text, long size, long overlap)
    {
        var words = Words(text.Length > MostCharacters ? text[..MostCharacters] : text);
        var step = Math.Max(1, size - overlap);
        var windows = 0;
        for (long start = 0; start < words.Length && windows < MostWindows; start += step, windows++)
            yield return string.Join(' ', words.Skip((int)start).Take((int)Math.Min(size, words.Length)));
    }

    /// <summary>The number of words.</summary>
    /// <param name="text">Any text.</param>
    public static int Count(string text) => Words(text).Length;

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
