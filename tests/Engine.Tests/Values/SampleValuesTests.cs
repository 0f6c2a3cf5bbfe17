using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

/// <summary>Decision 36: samples of a dry run fit their schema, and are the same each time.</summary>
public sealed class SampleValuesTests
{
    [Theory]
    [InlineData("""{"type": "string", "format": "date"}""", "\"2025-01-15\"")]
    [InlineData("""{"type": "string", "format": "time"}""", "\"09:30:00\"")]
    [InlineData("""{"type": "string", "format": "date-time"}""", "\"2025-01-15T09:30:00+00:00\"")]
    [InlineData("""{"const": 7}""", "7")]
    [InlineData("""{"enum": ["only"]}""", "\"only\"")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 3}""", "3")]
    [InlineData("""{"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 9, "maximum": 9}]}""", "9")]
    [InlineData("""{"type": "array", "items": {"const": 1}}""", "[1,1]")]
    [InlineData("""{"type": "array", "items": {"const": 1}, "maxItems": 1}""", "[1]")]
    [InlineData("""{"type": "array", "items": {"const": 1}, "minItems": 3}""", "[1,1,1]")]
    [InlineData("""{"type": "object", "properties": {"a": {"const": 1}, "b": {"const": "x"}}}""", """{"a":1,"b":"x"}""")]
    [InlineData("""{"type": "object", "additionalProperties": {"const": 2}}""", """{"key":2}""")]
    [InlineData("""{"$ref": "#/$defs/One"}""", "1")]
    public void A_sample_fits_its_schema(string schema, string expected) =>
        Assert.Equal(expected, JsonValues.Compact(SampleValues.Of(JsonValues.Parse(schema), "name", "seed", JsonValues.Parse("""{"One": {"const": 1}}"""))));

    [Fact]
    public void A_text_says_what_it_stands_for_and_an_address_is_one()
    {
        Assert.StartsWith("\"Sample short answer ", Text("short_answer"), StringComparison.Ordinal);
        Assert.Equal("\"https://example.com/image_url\"", Text("image_url"));
    }

    [Fact]
    public void The_same_seed_gives_the_same_sample_and_another_one_another()
    {
        Assert.Equal(Text("a", "one"), Text("a", "one"));
        Assert.NotEqual(Text("a", "one"), Text("a", "two"));
    }

    [Fact]
    public void A_schema_that_contains_itself_ends() =>
        Assert.EndsWith("null}}}", Text("x", "s", """{"$ref": "#/$defs/Node"}""", """{"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}}"""), StringComparison.Ordinal);

    private static string Text(string name, string seed = "seed", string schema = """{"type": "string"}""", string definitions = "{}") =>
        JsonValues.Compact(SampleValues.Of(JsonValues.Parse(schema), name, seed, JsonValues.Parse(definitions)));
}
