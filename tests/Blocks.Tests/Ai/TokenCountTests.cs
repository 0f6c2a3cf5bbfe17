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

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("tiktoken is great!", 6, 6)]
    [InlineData("antidisestablishmentarianism", 6, 6)]
    [InlineData("2 + 2 = 4", 7, 7)]
    [InlineData("お誕生日おめでとう", 9, 8)]
    [InlineData("你好，世界", 6, 3)]
    [InlineData("안녕하세요, 반갑습니다", 10, 6)]
    [InlineData(" Привет", 3, 2)]
    [InlineData("Donaudampfschifffahrtsgesellschaft", 13, 10)]
    [InlineData("日😀", 3, 2)]
    [InlineData("<|endoftext|>", 1, 1)]
    public void Each_vocabulary_has_counts_of_its_own(string text, int cl100k, int o200k) =>
        Assert.Equal((cl100k, o200k), (TokenVocabulary.Cl100k.Count(text), TokenVocabulary.O200k.Count(text)));

    [Theory]
    [InlineData("gpt-3.5-turbo", true)]
    [InlineData("gpt-3.5-turbo-0125", true)]
    [InlineData("gpt-4", true)]
    [InlineData("gpt-4-turbo", true)]
    [InlineData("gpt-4-0613", true)]
    [InlineData("openai/gpt-4-turbo", true)]
    [InlineData("ft:gpt-4:acme::1", true)]
    [InlineData("ft:gpt-3.5-turbo:acme::1", true)]
    [InlineData("text-embedding-3-small", true)]
    [InlineData("text-embedding-ada-002", true)]
    [InlineData("gpt-4o", false)]
    [InlineData("gpt-4.1-2025-04-14", false)]
    [InlineData("gpt-5.2-2025-12-11", false)]
    [InlineData("o3-mini", false)]
    [InlineData("openai/gpt-oss-20b", false)]
    [InlineData("claude-3-haiku-20240307", false)]
    [InlineData("qwen3", false)]
    public void A_model_is_counted_by_its_own_vocabulary_and_an_unknown_one_as_the_contract_counts(string model, bool isOlder) =>
        Assert.Same(isOlder ? TokenVocabulary.Cl100k : TokenVocabulary.O200k, TokenVocabulary.Of(model));

    [Fact]
    public void Every_model_of_the_table_that_has_the_older_vocabulary_is_known() =>
        Assert.Equal(["gpt-4-turbo", "gpt-3.5-turbo"], ModelTable.All.Select(model => model.Id).Where(id => TokenVocabulary.Of(id) == TokenVocabulary.Cl100k));

    [Fact]
    public void A_long_word_is_counted_in_parts_by_the_older_vocabulary_too()
    {
        var began = Stopwatch.GetTimestamp();
        var tokens = TokenVocabulary.Cl100k.Count(new string('日', 100_000));
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.InRange(tokens, 99_000, 101_000);
    }

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
