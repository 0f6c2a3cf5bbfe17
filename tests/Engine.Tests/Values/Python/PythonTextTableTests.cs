using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values.Python;

public sealed class PythonTextTableTests
{
    private static readonly IReadOnlyList<JsonElement> Texts = PythonTables.Rows("texts.jsonl");
    private static readonly IReadOnlyList<JsonElement> Numbers = PythonTables.Rows("numbers.jsonl");

    public static IEnumerable<TheoryDataRow<int>> TextRows() => Named(Texts, "Text");

    public static IEnumerable<TheoryDataRow<int>> NumberRows() => Named(Numbers, "Number");

    [Theory]
    [MemberData(nameof(TextRows))]
    public void A_text_changes_and_is_described_as_in_Python(int row)
    {
        var text = Texts[row].GetProperty("text").GetString()!;

        Assert.Equal(Answer(Texts[row], "upper"), PythonCase.Upper(text));
        Assert.Equal(Answer(Texts[row], "lower"), PythonCase.Lower(text));
        Assert.Equal(Answer(Texts[row], "title"), PythonCase.Title(text));
        Assert.Equal(Answer(Texts[row], "capitalize"), PythonCase.Capitalize(text));
        Assert.Equal(Answer(Texts[row], "swapcase"), PythonCase.SwapCase(text));
        Assert.Equal(Answer(Texts[row], "casefold"), PythonCase.Fold(text));
        Assert.Equal(Answer(Texts[row], "strip"), PythonText.Strip(text));
        Assert.Equal(Answer(Texts[row], "repr"), PythonText.Repr(text));
        var holding = Answer(Texts[row], "is")!.Split(' ');
        Assert.Equal(holding.Contains("lower"), PythonCase.IsLower(text));
        Assert.Equal(holding.Contains("upper"), PythonCase.IsUpper(text));
        Assert.Equal(holding.Contains("title"), PythonCase.IsTitle(text));
    }

    [Theory]
    [MemberData(nameof(NumberRows))]
    public void A_text_is_read_as_a_number_as_in_Python(int row)
    {
        var text = Numbers[row].GetProperty("text").GetString()!;

        Assert.Equal(Answer(Numbers[row], "float"), PythonNumber.TryParseFloat(text, out var number) ? PythonText.Float(number) : null);
        foreach (var radix in (int[])[10, 16, 36, 0])
            Assert.Equal(Answer(Numbers[row], $"int{radix}"), PythonNumber.TryParseWhole(text, radix, out var whole) ? whole.ToString() : null);
    }

    /// <summary>The converter reads floats: <c>int(float(text))</c>, and 0 for what is no number (contract: semantics 2.9).</summary>
    [Theory]
    [MemberData(nameof(NumberRows))]
    public void A_text_is_converted_to_the_type_of_a_pin_as_in_the_reference(int row)
    {
        var text = Numbers[row].GetProperty("text").GetString()!;
        var expected = Answer(Numbers[row], "float") ?? "0.0";
        var converted = Coercion.TryConvert(JsonValues.From(text), PinType.Integer, out var integer, out _);

        Assert.Equal(expected.TrimStart('-') != "inf", converted);
        if (converted) Assert.Equal(Whole(expected), integer.GetRawText());
        Assert.True(Coercion.TryConvert(JsonValues.From(text), PinType.Number, out var number, out _));
        Assert.Equal(expected.TrimStart('-') is "inf" or "nan" ? "null" : expected, number.GetRawText());
        Assert.True(Coercion.TryConvert(JsonValues.From(text), PinType.Boolean, out var truth, out _));
        Assert.Equal(Numbers[row].GetProperty("boolean").GetBoolean(), truth.GetBoolean());
    }

    private static string Whole(string number) => number == "nan" ? "0" : new System.Numerics.BigInteger(double.Parse(number)).ToString();

    private static string? Answer(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static IEnumerable<TheoryDataRow<int>> Named(IReadOnlyList<JsonElement> rows, string kind) =>
        rows.Select((row, index) => new TheoryDataRow<int>(index) { TestDisplayName = $"{kind} {row.GetProperty("text").GetRawText()}" });
}
