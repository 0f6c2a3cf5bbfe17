using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grainflow.Blocks.Text;
using Grainflow.Blocks.Text.Patterns;

namespace Grainflow.Blocks.Tests.Text.Patterns;

public sealed class PatternPropertyTests
{
    private static readonly Gen<string> Texts = Gen.Elements("a", "b", "\n", "1", "é", "e\u0301", "😀", "🙂", "𐐀", "𐐨", "ς", "Σ", "ſ", "İ").ListOf().Select(string.Concat);

    private static readonly Gen<string> Leaves = Gen.Elements(
        "a", "b", ".", "😀", "🙂", "𐐀", "[^a]", "[😀-🙂]", "[^😀]", "[\\w🙂]", "\\w", "\\W", "\\d", "\\D", "\\S",
        "\\b", "\\B", "^", "$", "\\Z", "\\1", "\\2", "\\U0001F600", "\\ud83d", "", "(?#c)", "(", ")", "[", "\\");

    private static readonly Gen<string> Heads = Gen.Elements("(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?a:", "(?s-i:", "(?P<n>", "(?(1)");

    private static readonly Gen<string> Counts = Gen.Elements("*", "+", "?", "??", "*?", "*+", "++", "{2}", "{,3}", "{1,}?", "{1,2}+");

    private static readonly Gen<string> Patterns = Gen.Sized(size => OfDepth(Math.Min(4, 1 + (size / 20))));

    [Fact]
    public void A_pattern_is_refused_or_finds_parts_of_the_text_without_half_a_pair() => Prop.ForAll(Patterns.ToArbitrary(), Texts.ToArbitrary(), (pattern, text) =>
        Search(pattern, text) is not { } found || found.TrueForAll(part => IsWhole(part) && text.Contains(part, StringComparison.Ordinal)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void A_character_stands_for_itself_whatever_it_is() => Prop.ForAll(Gen.Choose(0x20, 0x10FFFF).Where(c => Rune.IsValid(c)).ToArbitrary(), c =>
    {
        var character = char.ConvertFromUtf32(c);
        var escaped = $"\\U{c:x8}";
        return Search(escaped, character) is [var one] && one == character
            && Search($"[{escaped}]", character) is [_]
            && Search($"(?i){escaped}", character) is [_]
            && Search($"[^{escaped}]", character) is []
            && Search("^.$", character) is [_];
    }).QuickCheckThrowOnFailure();

    private static Gen<string> OfDepth(int depth)
    {
        if (depth == 0) return Leaves;
        var inner = OfDepth(depth - 1);
        return Gen.OneOf(
            Leaves,
            Gen.Zip(inner, inner).Select(both => both.Item1 + both.Item2),
            Gen.Zip(inner, inner).Select(both => $"{both.Item1}|{both.Item2}"),
            Gen.Zip(Heads, inner).Select(both => $"{both.Item1}{both.Item2})"),
            Gen.Zip(inner, Counts).Select(both => both.Item1 + both.Item2));
    }

    // Null when the pattern is refused or takes too long.
    private static List<string>? Search(string pattern, string text)
    {
        try
        {
            var points = new CodePointText(text);
            var matches = PythonPattern.Parse(pattern, PatternFlags.DotAll).FindAll(points, TimeSpan.FromSeconds(1)).Take(100);
            return [.. matches.Select(match => match.Group(0)!.Value).Select(part => points.Text(part.Start, part.End - part.Start))];
        }
        catch (Exception e) when (e is PatternException or PatternLimitException)
        {
            return null;
        }
    }

    private static bool IsWhole(string text) => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar);
}
