using System.Globalization;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values.Python;

public sealed class PythonCharacterTests
{
    // In the order of the bits of the table.
    private static readonly (string Name, Func<int, bool> Holds)[] Properties =
    [
        ("space", c => c <= char.MaxValue && PythonCharacters.IsSpace((char)c)),
        ("alpha", PythonCharacters.IsAlpha),
        ("alnum", PythonCharacters.IsAlphanumeric),
        ("decimal", c => PythonCharacters.DecimalValue(c) >= 0),
        ("digit", PythonCharacters.IsDigit),
        ("numeric", PythonCharacters.IsNumeric),
        ("printable", PythonCharacters.IsPrintable),
        ("identifier", PythonCharacters.IsIdentifierStart),
        ("identifier part", PythonCharacters.IsIdentifierPart),
        ("lower", PythonCharacters.IsLower),
        ("upper", PythonCharacters.IsUpper),
        ("title", PythonCharacters.IsTitle),
        ("cased", PythonCharacters.IsCased),
        ("case ignorable", PythonCharacters.IsCaseIgnorable),
    ];

    // The table was made with Unicode 14; these the reference, with 15.1, sees as we do.
    private static readonly string[] ChangedSinceTheTable =
    [
        "U+10FC lower", "U+10FC cased", "U+A7F2 lower", "U+A7F2 cased", "U+A7F3 lower", "U+A7F3 cased", "U+A7F4 lower", "U+A7F4 cased",
        "U+AB69 lower", "U+AB69 cased", "U+200C identifier part", "U+200D identifier part", "U+30FB identifier part", "U+FF65 identifier part",
    ];

    [Fact]
    public void Every_character_that_Python_knows_has_its_properties()
    {
        var table = PythonTables.Lines("characters.txt").Select(line => line.Split(' ')).Select(parts => (First: Hex(parts[0]), parts[1])).ToList();
        var differing = new List<string>();
        for (var run = 0; run < table.Count; run++)
        {
            var (first, text) = table[run];
            if (text == "-") continue;
            var bits = Hex(text);
            var end = run + 1 < table.Count ? table[run + 1].First : 0x110000;
            for (var c = first; c < end; c++)
            {
                if (c is >= 0xD800 and <= 0xDFFF) continue;
                for (var i = 0; i < Properties.Length; i++)
                    if (Properties[i].Holds(c) != ((bits >> i & 1) == 1)) differing.Add($"U+{c:X4} {Properties[i].Name}");
            }
        }

        Assert.Equal(ChangedSinceTheTable.Order(StringComparer.Ordinal), differing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_a_character_without_properties()
    {
        Assert.Equal(0xD83D, PythonCharacters.At("\uD83Dx", 0, out var length));
        Assert.Equal(1, length);
        Assert.DoesNotContain(Properties, property => property.Holds(0xD83D) || property.Holds(0xDC00));
    }

    [Fact]
    public void A_surrogate_pair_is_one_character()
    {
        Assert.Equal(0x1F600, PythonCharacters.At("😀", 0, out var length));
        Assert.Equal(2, length);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
