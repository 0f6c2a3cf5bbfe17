using Grainflow.Engine.Values;
using Grainflow.WebConsole.Agents;

namespace Grainflow.WebConsole.Tests;

public sealed class RunFieldTests
{
    public static TheoryData<string, FieldKind> Kinds => new()
    {
        { """{"type": "string"}""", FieldKind.Text },
        { """{"anyOf": [{"type": "string", "format": "long-text"}, {"type": "null"}]}""", FieldKind.LongText },
        { """{"anyOf": [{"type": "string"}, {"type": "null"}], "format": "short-text"}""", FieldKind.Text },
        { """{"type": "number"}""", FieldKind.Number },
        { """{"anyOf": [{"type": "integer"}, {"type": "null"}]}""", FieldKind.Integer },
        { """{"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}""", FieldKind.Date },
        { """{"anyOf": [{"type": "string", "format": "time"}, {"type": "null"}]}""", FieldKind.Time },
        { """{"type": "boolean", "default": false}""", FieldKind.Toggle },
        { """{"type": "string", "enum": ["a", "b"]}""", FieldKind.Choice },
        { """{"anyOf": [{"type": "string", "format": "file"}, {"type": "null"}]}""", FieldKind.File },
        { """{"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "null"}], "format": "table"}""", FieldKind.Table },
        { """{"type": "array", "items": {}}""", FieldKind.Json },
        { """{"anyOf": [{"type": "object", "properties": {}}, {"type": "null"}]}""", FieldKind.Json },
        { "{}", FieldKind.Text },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_of_input_has_an_editor_of_its_own(string schema, FieldKind expected) => Assert.Equal(expected, Field(schema).Kind);

    [Fact]
    public void Fields_that_must_be_filled_in_come_first_and_advanced_ones_last()
    {
        var fields = RunField.Read(JsonValues.Parse("""
            {"properties": {"a": {"type": "string", "advanced": true, "default": "x"}, "b": {"type": "string", "default": "y"}, "c": {"type": "string", "title": "See", "secret": true}}, "required": ["c"]}
            """));
        Assert.Equal(["c", "b", "a"], fields.Select(field => field.Name));
        Assert.Equal(("See", true, true, false), (fields[0].Title, fields[0].IsRequired, fields[0].IsSecret, fields[0].IsAdvanced));
        Assert.Equal(("b", "y"), (fields[1].Title, fields[1].Text));
    }

    [Theory]
    [InlineData("""{"type": "number"}""", "1.5", "1.5")]
    [InlineData("""{"type": "integer"}""", "-7", "-7")]
    [InlineData("""{"type": "string"}""", "12", "\"12\"")]
    [InlineData("""{"type": "array"}""", "[1, 2]", "[1,2]")]
    [InlineData("""{"type": "string", "enum": ["a", 2]}""", "2", "2")]
    [InlineData("""{"type": "string", "enum": ["a", 2]}""", "\"a\"", "\"a\"")]
    public void What_is_entered_is_sent_by_its_kind(string schema, string text, string expected)
    {
        var field = Field(schema);
        field.Text = text;
        Assert.Null(field.Problem());
        Assert.Equal(expected, JsonValues.Compact(field.Value()!.Value));
    }

    [Theory]
    [InlineData("""{"type": "number"}""", "1,5", "f: '1,5' is not a number; write it as 1234.5.")]
    [InlineData("""{"type": "integer"}""", "1.5", "f: '1.5' is not a whole number.")]
    [InlineData("""{"type": "string", "format": "date"}""", "31.1.2026", "f: write the date as 2026-01-31.")]
    [InlineData("""{"type": "string", "format": "time"}""", "noon", "f: write the time as 09:30.")]
    [InlineData("""{"type": "object"}""", "{a: 1}", "f: this is not JSON; write texts in double quotes.")]
    public void What_cannot_be_sent_is_told_with_the_cure(string schema, string text, string expected)
    {
        var field = Field(schema);
        field.Text = text;
        Assert.Equal(expected, field.Problem());
    }

    [Fact]
    public void An_empty_field_is_left_out_unless_it_is_needed()
    {
        var optional = Field("""{"type": "string"}""");
        Assert.Null(optional.Problem());
        Assert.Null(optional.Value());
        Assert.Equal("f is needed.", RunField.Read(JsonValues.Parse("""{"properties": {"f": {"type": "string"}}, "required": ["f"]}"""))[0].Problem());
    }

    [Fact]
    public void A_table_sends_a_text_for_each_column_and_takes_earlier_rows()
    {
        var field = Field("""{"type": "array", "format": "table"}""");
        Assert.Null(field.Value());
        field.Columns = ["Item", "Amount"];
        field.Fill(JsonValues.Parse("""[{"Item": "tea", "Amount": 2, "More": "x"}, "no row"]"""));
        Assert.Equal("""[{"Item":"tea","Amount":"2"}]""", JsonValues.Compact(field.Value()!.Value));
    }

    [Fact]
    public void A_toggle_is_always_sent()
    {
        var field = Field("""{"type": "boolean", "default": true}""");
        Assert.True(field.IsOn);
        field.IsOn = false;
        Assert.Equal("false", field.Value()!.Value.GetRawText());
    }

    private static RunField Field(string schema) => RunField.Read(JsonValues.Object(KeyValuePair.Create("properties", JsonValues.Object(KeyValuePair.Create("f", JsonValues.Parse(schema))))))[0];
}
