using System.Diagnostics;
using System.Text;
using Grainflow.Blocks.Ai;

namespace Grainflow.Blocks.Tests.Ai;

/// <summary>Counts of the vocabulary o200k; those of whole texts are tiktoken's.</summary>
public sealed class TokenCountTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello world", 2)]
    [InlineData("tiktoken is great!", 6)]
    [InlineData("antidisestablishmentarianism", 6)]
    [InlineData("2 + 2 = 4", 7)]
    [InlineData("お誕生日おめでとう", 8)]
    [InlineData("12345678", 3)]
    [InlineData("""{"k":1}""", 5)]
    [InlineData("日😀", 2)]
    [InlineData(" … ", 2)]
    public void A_text_has_as_many_tokens_as_the_vocabulary_says(string text, int tokens) => Assert.Equal(tokens, TokenCount.Of(text));

    [Fact]
    public void Prose_counts_as_its_words()
    {
        var text = string.Concat(Enumerable.Repeat(" The quick brown fox jumps over the lazy dog.", 1_000));
        Assert.Equal(10_000, TokenCount.Of(text));
    }

    [Theory]
    [InlineData("x")]
    [InlineData(" ")]
    [InlineData("é")]
    [InlineData("日")]
    [InlineData("-")]
    [InlineData("/\n")]
    [InlineData("😀")]
    [InlineData("\u0301")]
    public void A_word_without_an_end_is_counted_in_time_and_in_proportion(string letter)
    {
        var part = TokenCount.Of(string.Concat(Enumerable.Repeat(letter, 2_560)));
        var began = Stopwatch.GetTimestamp();
        var whole = TokenCount.Of(string.Concat(Enumerable.Repeat(letter, 256_000)));
        // The library alone takes up to a minute for each of these.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(whole, 99 * part, 101 * part);
    }

    [Theory]
    [InlineData("hello world")]
    [InlineData("\ud83d\ude00\ud83d half of an emoji \ude00")]
    [InlineData("ß日😀é\r\n\0<|endoftext|>")]
    public void No_text_has_more_tokens_than_bytes(string text) => Assert.InRange(TokenCount.Of(text), 1, TokenCount.AtMost(text));

    [Theory]
    [InlineData("The quick brown fox jumps over the lazy dog, and then it sleeps.")]
    [InlineData("日本語のテキスト、😀😀と英語 mixed text")]
    [InlineData("日😀日😀日😀日😀日😀")]
    public void A_head_and_a_tail_have_no_more_tokens_than_asked_for_and_whole_characters(string text)
    {
        var all = TokenCount.Of(text);
        for (var tokens = 0; tokens <= all + 1; tokens++)
        {
            var (head, tail) = (TokenCount.Head(text, tokens), TokenCount.Tail(text, tokens));
            Assert.StartsWith(head, text, StringComparison.Ordinal);
            Assert.EndsWith(tail, text, StringComparison.Ordinal);
            Assert.InRange(TokenCount.Of(head), 0, tokens);
            Assert.InRange(TokenCount.Of(tail), 0, tokens);
            Assert.Equal(head, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(head)));
            Assert.Equal(tail, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(tail)));
            if (tokens < all) continue;
            Assert.Equal((text, text), (head, tail));
        }
    }

    [Fact]
    public void A_head_and_a_tail_of_a_word_without_an_end_are_as_long_as_may_be()
    {
        var text = new string('x', 100_000);
        Assert.InRange(TokenCount.Head(text, 1_000).Length, 7_500, 8_500);
        Assert.InRange(TokenCount.Tail(text, 1_000).Length, 7_500, 8_500);
    }
}
