namespace Grainflow.Blocks.Ai;

/// <summary>
/// Shortens a prompt that exceeds half the context window (contract: block-tiers, tier 2): the messages between the first
/// and the last are cut, then removed from the centre; then the first and the last are cut. It counts with o200k whatever the
/// model, as the contract says, so that prompts are cut where the reference cuts them.
/// </summary>
internal static class PromptCompression
{
    private const int Reserve = 2_048;
    private const int LargestCut = 8_192;
    private const int SmallestCut = 128;
    private const string Ellipsis = " … ";

    /// <summary>A message that begins so states the task and stays whole.</summary>
    public const string Objective = "[Main Objective Prompt]: ";

    /// <summary>The prompt as it is sent; the same list when nothing had to be cut.</summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="contextWindow">The tokens of the model's context window.</param>
    public static IReadOnlyList<ChatMessage> Fit(IReadOnlyList<ChatMessage> messages, int contextWindow)
    {
        var limit = (contextWindow / 2) - Reserve;
        if (OutputLimit.IsAtMost(messages, limit, TokenVocabulary.O200k)) return messages;
        // Each message is counted once, and again when it is cut.
        var kept = messages.Select(message => new Counted(message, Tokens(message))).ToList();
        Cut(kept, limit, Enumerable.Range(1, Math.Max(0, kept.Count - 2)).ToArray());
        while (!Fits(kept, limit) && Droppable(kept) is { } place) Drop(kept, place);
        Cut(kept, limit, kept.Count > 1 ? [0, kept.Count - 1] : [.. Enumerable.Range(0, kept.Count)]);
        return [.. kept.Select(counted => counted.Message)];
    }

    private static long Tokens(ChatMessage message) => OutputLimit.Tokens(message, TokenVocabulary.O200k);

    private static bool Fits(List<Counted> messages, long limit) => messages.Sum(message => message.Tokens) <= limit;

    private static void Cut(List<Counted> messages, long limit, int[] places)
    {
        for (var cap = LargestCut; cap >= SmallestCut && !Fits(messages, limit); cap /= 2)
        {
            foreach (var place in places)
                if (!messages[place].IsObjective) messages[place] = messages[place].CutTo(cap);
        }
    }

    // A tool call and its results go together: providers refuse the one without the other.
    private static void Drop(List<Counted> messages, int place)
    {
        var ids = messages[place].Ids.ToHashSet(StringComparer.Ordinal);
        messages.RemoveAt(place);
        if (ids.Count > 0) messages.RemoveAll(message => message.Ids.Any(ids.Contains));
    }

    private static int? Droppable(List<Counted> messages)
    {
        var centre = messages.Count / 2;
        // The calls that the last message answers stay with it.
        var kept = new[] { messages[0], messages[^1] }.SelectMany(end => end.Ids).ToHashSet(StringComparer.Ordinal);
        var places = Enumerable.Range(1, Math.Max(0, messages.Count - 2)).Where(place => !messages[place].IsObjective && !messages[place].Ids.Any(kept.Contains)).ToList();
        return places.Count == 0 ? null : places.MinBy(place => Math.Abs(place - centre));
    }

    private sealed record Counted(ChatMessage Message, long Tokens)
    {
        public IEnumerable<string> Ids => Message.CallIds.Concat(Message.AnsweredIds);

        public bool IsObjective => Message.Content.StartsWith(Objective, StringComparison.Ordinal);

        // Keeps the beginning and the end, of the same number of tokens. The tokens around the content count for the message and not here.
        public Counted CutTo(int cap)
        {
            if (Tokens <= cap || TokenCount.Of(Message.Content) <= cap) return this;
            // One less on each side: where the parts meet the ellipsis, their letters may merge in another way.
            var half = ((cap - TokenCount.Of(Ellipsis)) / 2) - 1;
            var message = Message.WithContent(TokenCount.Head(Message.Content, half) + Ellipsis + TokenCount.Tail(Message.Content, half));
            return new Counted(message, PromptCompression.Tokens(message));
        }
    }
}
