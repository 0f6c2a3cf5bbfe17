using System.Numerics;
using System.Text.Json;
using Grainflow.Templates.Functions;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Tests.Jinja;

/// <summary>What Jinja rendered with the reference's environment; <c>tables.py</c> beside this file writes the table.</summary>
public sealed class JinjaTableTests
{
    private static readonly List<JsonElement> Table = Read();

    private static readonly string Readme = ReadAll("README.md");

    public static IEnumerable<TheoryDataRow<int>> Same() => Rows(differing: false);

    public static IEnumerable<TheoryDataRow<int>> Differing() => Rows(differing: true);

    [Theory]
    [MemberData(nameof(Same))]
    public void A_template_renders_as_in_Jinja(int row)
    {
        if (Table[row].TryGetProperty("output", out var output)) Assert.Equal(output.GetString(), Render(Table[row]));
        else Assert.True(Failure(Table[row]) is not null, $"Jinja refuses it: {Table[row].GetProperty("failure").GetString()}");
    }

    [Theory]
    [MemberData(nameof(Differing))]
    public void A_difference_from_Jinja_stands_in_the_README(int row)
    {
        Assert.Contains(Table[row].GetProperty("template").GetString()! + "\n", Readme, StringComparison.Ordinal);
        if (Failure(Table[row]) is null) Assert.NotEqual(Table[row].GetProperty("output").GetString(), Render(Table[row]));
    }

    [Fact]
    public void What_the_README_does_not_name_as_missing_is_there()
    {
        Assert.Empty(Absent(Names("filters"), name => FilterTable.Find(name) is not null));
        Assert.Empty(Absent(Names("tests"), name => TestTable.Find(name) is not null));
        object[] values = ["", BigInteger.One, 1.5, new ListValue(), new TupleValue([]), new DictValue(new RenderState(false))];
        foreach (var value in values)
        {
            var methods = Table[0].GetProperty("methods").GetProperty(TypeNames.Of(value)).EnumerateArray().Select(name => name.GetString()!);
            Assert.Empty(Absent(methods, name => MethodTable.Find(value, name) is not null));
        }
    }

    [Fact]
    public void The_README_lists_what_is_there()
    {
        Assert.Equal(Names("filters").Where(name => FilterTable.Find(name) is not null), Listed("filters").Order(StringComparer.Ordinal));
        Assert.Equal(Names("tests").Where(name => char.IsAsciiLetter(name[0])), Listed("tests").Order(StringComparer.Ordinal));
    }

    private static IEnumerable<TheoryDataRow<int>> Rows(bool differing) => Enumerable.Range(1, Table.Count - 1)
        .Where(row => Table[row].TryGetProperty("differs", out _) == differing)
        .Select(row => new TheoryDataRow<int>(row) { TestDisplayName = Name(Table[row]) });

    private static string Render(JsonElement row)
    {
        var (template, values) = row.TryGetProperty("for", out var name)
            ? (Table[0].GetProperty("templates").GetProperty(name.GetString()!).GetString()!, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["t"] = row.GetProperty("text") })
            : (row.GetProperty("template").GetString()!, Table[0].GetProperty("values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal));
        return TemplateEngine.Render(template, values, row.TryGetProperty("escape", out _));
    }

    private static Exception? Failure(JsonElement row)
    {
        var failure = Record.Exception(() => Render(row));
        Assert.True(failure is null or TemplateException or TemplateRuntimeException, failure?.ToString());
        return failure;
    }

    private static IEnumerable<string> Names(string kind) => Table[0].GetProperty(kind).EnumerateArray().Select(name => name.GetString()!);

    private static List<string> Absent(IEnumerable<string> names, Func<string, bool> exists)
    {
        var missing = Readme[Readme.IndexOf("Not there:", StringComparison.Ordinal)..];
        return [.. names.Where(name => !exists(name) && !missing.Contains($"`{name}`", StringComparison.Ordinal))];
    }

    // The names in the first code of a row of the table.
    private static string[] Listed(string row) => Readme.Split('\n').Single(line => line.StartsWith($"| {row} |", StringComparison.Ordinal)).Split('`')[1].Split(' ');

    private static string Name(JsonElement row) => row.TryGetProperty("for", out var name)
        ? $"Jinja {name.GetString()} of {row.GetProperty("text").GetRawText()}"
        : $"Jinja {row.GetProperty("template").GetRawText()}";

    private static List<JsonElement> Read() => [.. ReadAll("jinja.jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static string ReadAll(string name)
    {
        using var reader = new StreamReader(typeof(JinjaTableTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
