using Grainflow.Blocks.Ai;

namespace Grainflow.Blocks.Tests.Ai;

public sealed class PromptCompressionTests
{
    [Fact]
    public void A_prompt_within_half_the_window_stays_as_it_is()
    {
        IReadOnlyList<ChatMessage> messages = [Message(4_000)];

        Assert.Same(messages, PromptCompression.Fit(messages, 2 * (2_048 + 4_004)));
        Assert.NotSame(messages, PromptCompression.Fit(messages, 2 * (2_048 + 4_003)));
    }

    [Fact]
    public void The_messages_between_first_and_last_are_cut_first()
    {
        IReadOnlyList<ChatMessage> messages = [Message(3_000), Message(20_000), Message(100), Message(3_000)];

        var kept = PromptCompression.Fit(messages, 2 * 13_000);

        Assert.Equal([3_000, 100, 3_000], Tokens([kept[0], kept[2], kept[3]]));
        Assert.InRange(TokenCount.Of(kept[1].Content), 3_900, 4_096);
    }

    [Fact]
    public void Then_they_are_dropped_from_the_centre()
    {
        IReadOnlyList<ChatMessage> messages = [Message(1_000), .. Enumerable.Range(0, 50).Select(i => Message(120) with { Role = $"m{i}" }), Message(1_000)];

        var kept = PromptCompression.Fit(messages, 2 * 6_000);

        Assert.Equal([1_000, 1_000], Tokens([kept[0], kept[^1]]));
        Assert.Equal("m0", kept[1].Role);
        Assert.Equal("m49", kept[^2].Role);
        Assert.DoesNotContain(kept, m => m.Role == "m25");
        Assert.True(kept.Sum(message => OutputLimit.Tokens(message, TokenVocabulary.O200k)) + 2_048 <= 6_000);
    }

    [Fact]
    public void At_last_the_first_and_the_last_are_cut_but_never_the_objective()
    {
        var objective = new ChatMessage("user", "[Main Objective Prompt]:" + Words(2_000));
        IReadOnlyList<ChatMessage> messages = [Message(20_000), objective, Message(20_000)];

        var kept = PromptCompression.Fit(messages, 2 * 7_000);

        Assert.Equal(objective, kept[1]);
        Assert.InRange(TokenCount.Of(kept[0].Content), 900, 1_024);
        Assert.InRange(TokenCount.Of(kept[2].Content), 900, 1_024);
    }

    [Fact]
    public void A_cut_keeps_whole_characters()
    {
        var kept = PromptCompression.Fit([new ChatMessage("user", string.Concat(Enumerable.Repeat("日😀", 20_000)))], 20_000);

        Assert.DoesNotContain('\ufffd', kept[0].Content);
        Assert.All(kept[0].Content.EnumerateRunes(), rune => Assert.Contains(rune.ToString(), "日😀 …", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_fit_is_cut_as_far_as_it_goes() =>
        Assert.InRange(TokenCount.Of(PromptCompression.Fit([Message(20_000)], 1_000)[0].Content), 100, 128);

    private static ChatMessage Message(int tokens) => new("user", Words(tokens));

    // Each of these words is one token.
    private static string Words(int tokens) => string.Concat(Enumerable.Repeat(" word", tokens));

    private static IEnumerable<int> Tokens(IEnumerable<ChatMessage> messages) => messages.Select(m => TokenCount.Of(m.Content));
}
