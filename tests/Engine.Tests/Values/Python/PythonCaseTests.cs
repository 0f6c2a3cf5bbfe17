using System.Globalization;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values.Python;

public sealed class PythonCaseTests
{
    private static readonly Func<string, string>[] Forms = [PythonCase.Upper, PythonCase.Lower, PythonCase.Title, PythonCase.Fold];

    [Fact]
    public void Every_character_that_Python_knows_has_its_forms()
    {
        var table = PythonTables.Lines("case.txt").SelectMany(Characters).ToDictionary();
        var differing = new List<string>();
        foreach (var c in Known())
        {
            var text = char.ConvertFromUtf32(c);
            var expected = table.TryGetValue(c, out var forms) ? forms : [text, text, text, text];
            for (var i = 0; i < Forms.Length; i++)
                if (Forms[i](text) != expected[i]) differing.Add($"U+{c:X4}: form {i} is {Forms[i](text)} and not {expected[i]}");
        }

        Assert.Empty(differing);
        Assert.True(table.Count > 2_500);
    }

    [Fact]
    public void Half_a_surrogate_pair_stays_as_it_is()
    {
        Assert.All([.. Forms, PythonCase.Capitalize, PythonCase.SwapCase], form => Assert.Equal("\uD83D", form("\uD83D")));
        Assert.Equal("α\uD83Dσ", PythonCase.Lower("Α\uD83DΣ"));
        Assert.Equal("\uDC00σ", PythonCase.Lower("\uDC00Σ"));
    }

    // Each sigma looks at its neighbours; a text of nothing else must not take time by the square of its length.
    [Fact]
    public void A_long_text_of_final_sigmas_takes_no_time_to_speak_of()
    {
        var text = string.Concat(Enumerable.Repeat("Α" + new string('.', 1000) + "Σ ", 1000));
        var lower = PythonCase.Lower(text);
        Assert.Equal(1000, lower.Count(c => c == 'ς'));
        Assert.Equal(1000, lower.Count(c => c == 'α'));
    }

    // first-last/step, then the four forms: a distance, or code points behind '='.
    private static IEnumerable<KeyValuePair<int, string[]>> Characters(string line)
    {
        var parts = line.Split(' ');
        var range = parts[0].Split('-', '/');
        var step = int.Parse(range[2], CultureInfo.InvariantCulture);
        for (var c = Hex(range[0]); c <= Hex(range[1]); c += step) yield return KeyValuePair.Create(c, parts.Skip(1).Select(form => Form(c, form)).ToArray());
    }

    private static string Form(int c, string form) => form.StartsWith('=')
        ? string.Concat(form[1..].Split('+').Select(part => char.ConvertFromUtf32(Hex(part))))
        : char.ConvertFromUtf32(c + int.Parse(form, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    private static IEnumerable<int> Known()
    {
        var runs = PythonTables.Lines("characters.txt").Select(line => line.Split(' ')).ToList();
        for (var i = 0; i < runs.Count; i++)
        {
            if (runs[i][1] == "-") continue;
            var end = i + 1 < runs.Count ? Hex(runs[i + 1][0]) : 0x110000;
            for (var c = Hex(runs[i][0]); c < end; c++)
                if (c is < 0xD800 or > 0xDFFF) yield return c;
        }
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
