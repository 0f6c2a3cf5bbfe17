using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class JsonValuesTests
{
    [Fact]
    public void Numbers_keep_their_text() =>
        Assert.Equal("[5.0,5,1e3,-0.50]", JsonValues.Compact(JsonValues.Array(JsonValues.Parse("[5.0, 5, 1e3, -0.50]").EnumerateArray())));

    [Fact]
    public void A_float_is_written_so_that_it_stays_one()
    {
        Assert.Equal("5.0", JsonValues.From(5.0).GetRawText());
        Assert.Equal(JsonValueKind.Null, JsonValues.From(double.NaN).ValueKind);
        Assert.Equal(JsonValueKind.Null, JsonValues.From(double.NegativeInfinity).ValueKind);
    }

    [Fact]
    public void Of_two_members_with_one_name_the_last_wins_in_the_place_of_the_first()
    {
        Assert.Equal("""{"a":{"x":2},"b":1}""", JsonValues.Compact(JsonValues.Parse("""{"a":0,"b":1,"a":{"x":1,"x":2}}""")));
        Assert.Equal("""{"a":2}""", JsonValues.Compact(JsonValues.Object(KeyValuePair.Create("a", JsonValues.From(1)), KeyValuePair.Create("a", JsonValues.From(2)))));
    }

    [Fact]
    public void The_compact_form_leaves_text_unescaped() =>
        Assert.Equal("""{"é😀":"\"\\\u0001/<&"}""", JsonValues.Compact(JsonValues.Parse("""{ "\u00e9\ud83d\ude00" : "\"\\\u0001\/<&" }""")));

    [Fact]
    public void Cleaning_strips_what_the_database_cannot_hold_from_texts_and_names()
    {
        var dirty = JsonValues.Parse("""{"a\u0000\ud800":["\u0001x\u007f","\b\f","\t\n\r\"\\","\udc00\ud83d\ude00\ud83d",""" + "\"\u007F\"" + """, 1]}""");

        Assert.Equal("""{"a":["x","","\t\n\r\"\\","😀","",1]}""", JsonValues.Compact(JsonValues.Clean(dirty)));
    }

    [Fact]
    public void A_name_that_cleaning_makes_equal_to_another_replaces_it() =>
        Assert.Equal("""{"a":2}""", JsonValues.Compact(JsonValues.Clean(JsonValues.Parse("""{"a":1,"a\u0000":2}"""))));

    [Fact]
    public void Cleaning_text_and_cleaning_values_agree() => Prop.ForAll<string>(text =>
    {
        if (text is null) return true;
        var escaped = new StringBuilder("\"");
        foreach (var c in text) escaped.Append("\\u").Append(((int)c).ToString("x4"));
        return JsonValues.Clean(JsonValues.Parse(escaped.Append('"').ToString())).GetString() == JsonValues.CleanText(text);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_is_cleaned()
    {
        Assert.Equal("\uD83D\uDE00", JsonValues.CleanText("\uD83D\uDE00"));
        Assert.Equal("ab", JsonValues.CleanText("a\uD83D" + "b\uDE00"));
        Assert.Equal("\t\n\r", JsonValues.CleanText("\0\u000B\u001F\u007F\t\n\r"));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_dropped_on_reading() =>
        Assert.Equal("""{"a":"x😀"}""", JsonValues.Compact(JsonValues.Parse("""{"a\ud83d":"x\udc00\ud83d\ude00"}""")));

    [Fact]
    public void Text_that_is_no_JSON_is_refused()
    {
        Assert.False(JsonValues.TryParse("{", out _));
        Assert.False(JsonValues.TryParse("", out _));
        Assert.False(JsonValues.TryParse("\"\\ud83", out _));
        Assert.False(JsonValues.TryParse("\"\\ud8zz\"", out _));
        Assert.False(JsonValues.TryParse("\"\\ud83d\\", out _));
        Assert.False(JsonValues.TryParse(new string('[', JsonValues.MaxDocumentDepth + 1) + new string(']', JsonValues.MaxDocumentDepth + 1), out _));
        Assert.Throws<JsonException>(() => JsonValues.ParseUtf8([(byte)'"', 0xFF, (byte)'"']));
    }

    [Fact]
    public void Deep_values_can_be_read_built_and_written()
    {
        var text = new string('[', JsonValues.MaxDepth) + new string(']', JsonValues.MaxDepth);

        Assert.True(JsonValues.TryParse(text, out var value));
        Assert.Equal(text, JsonValues.Compact(value));
        Assert.Equal(text, PythonText.Json(value));
    }
}
