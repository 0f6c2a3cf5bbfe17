using Grainflow.Blocks.Text;
using Grainflow.Blocks.Text.Patterns;

namespace Grainflow.Blocks.Tests.Text.Patterns;

public sealed class CharacterTableTests
{
    private static readonly CharacterRanges Python = PythonTables.Characters();

    [Fact]
    public void Word_characters_are_Pythons() => AssertKind(Python.Word, c => PatternCharacters.IsWord(c, ascii: false));

    [Fact]
    public void Digits_are_Pythons() => AssertKind(Python.Digit, c => PatternCharacters.IsDigit(c, ascii: false));

    [Fact]
    public void White_space_is_Pythons() => AssertKind(Python.Space, c => PatternCharacters.IsSpace(c, ascii: false));

    [Fact]
    public void Ignoring_case_makes_the_letters_one_that_it_makes_one_in_Python()
    {
        var all = new CodePointText(string.Concat(Python.SameLetters.SelectMany(letters => letters).Select(char.ConvertFromUtf32)));
        Assert.True(Python.SameLetters.Length > 1_000);
        foreach (var letters in Python.SameLetters)
        {
            var texts = letters.Select(char.ConvertFromUtf32).ToList();
            foreach (var letter in texts) Assert.Equal(texts.Order(StringComparer.Ordinal), Found($"(?i){letter}", all).Order(StringComparer.Ordinal));
        }
    }

    // Code points that only .NET's version of Unicode knows are left out.
    private static void AssertKind(int[][] expected, Func<int, bool> isOfKind)
    {
        var unassigned = Members(Python.Unassigned);
        var members = Members(expected);
        Assert.NotEmpty(members);
        Assert.Empty(Enumerable.Range(0, 0x110000).Where(c => !unassigned.Contains(c) && isOfKind(c) != members.Contains(c)).Select(c => $"U+{c:X4}"));
    }

    private static HashSet<int> Members(int[][] ranges) => [.. ranges.SelectMany(range => Enumerable.Range(range[0], range[1] - range[0] + 1))];

    private static IEnumerable<string> Found(string pattern, CodePointText text) =>
        from match in PythonPattern.Parse(pattern, PatternFlags.None).FindAll(text, TimeSpan.FromSeconds(30))
        let whole = match.Group(0)!.Value
        select text.Text(whole.Start, whole.End - whole.Start);
}
