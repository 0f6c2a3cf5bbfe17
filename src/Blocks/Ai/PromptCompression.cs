using System.Text;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Shortens a prompt that exceeds half the context window (contract: block-tiers, tier 2): the messages between the first
/// and the last are cut, then removed from the centre; then the first and the last are cut.
/// </summary>
internal static class PromptCompression
{
    private const int Reserve = 2_048;
    private const int LargestCut = 8_192;
    private const int SmallestCut = 128;
    private const string Ellipsis = " … ";

    // Messages with this prefix state the task and are not cut or removed.
    private const string Objective = "[Main Objective Prompt]: ";

    public static IReadOnlyList<ChatMessage> Fit(IReadOnlyList<ChatMessage> messages, int contextWindow)
    {
        if (Fits(messages, contextWindow)) return messages;
        var kept = messages.ToList();
        Cut(kept, contextWindow, Enumerable.Range(1, Math.Max(0, kept.Count - 2)).ToArray());
        while (!Fits(kept, contextWindow) && Droppable(kept) is { } place) kept.RemoveAt(place);
        Cut(kept, contextWindow, kept.Count > 1 ? [0, kept.Count - 1] : [0]);
        return kept;
    }

    private static bool Fits(IReadOnlyList<ChatMessage> messages, int contextWindow) => OutputLimit.Tokens(messages) + Reserve <= contextWindow / 2;

    private static void Cut(List<ChatMessage> messages, int contextWindow, int[] places)
    {
        for (var cap = LargestCut; cap >= SmallestCut && !Fits(messages, contextWindow); cap /= 2)
        {
            foreach (var place in places)
                if (!IsObjective(messages[place])) messages[place] = messages[place] with { Content = Cut(messages[place].Content, cap) };
        }
    }

    private static int? Droppable(List<ChatMessage> messages)
    {
        var centre = messages.Count / 2;
        var places = Enumerable.Range(1, Math.Max(0, messages.Count - 2)).Where(place => !IsObjective(messages[place])).ToList();
        return places.Count == 0 ? null : places.MinBy(place => Math.Abs(place - centre));
    }

    private static bool IsObjective(ChatMessage message) => message.Content.StartsWith(Objective, StringComparison.Ordinal);

    // Removes the middle of a text.
    private static string Cut(string text, int cap)
    {
        var tokens = TokenEstimate.Of(text);
        if (tokens <= cap) return text;
        var runes = text.EnumerateRunes().ToArray();
        var half = Math.Max(1, (int)((long)runes.Length * (cap - TokenEstimate.Of(Ellipsis)) / tokens / 2));
        var builder = new StringBuilder();
        foreach (var rune in runes.AsSpan(0, half)) builder.Append(rune);
        builder.Append(Ellipsis);
        foreach (var rune in runes.AsSpan(runes.Length - half)) builder.Append(rune);
        return builder.ToString();
    }
}
