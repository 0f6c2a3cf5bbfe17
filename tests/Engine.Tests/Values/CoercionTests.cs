using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class CoercionTests
{
    [Theory]
    [InlineData("integer", "null", "null")]
    [InlineData("string", "null", "null")]
    [InlineData("array<integer>", "[null]", "[0]")]
    [InlineData("array<integer?>", "[null, \"7\"]", "[None, 7]")]
    [InlineData("integer", "\"1_000\"", "1000")]
    [InlineData("integer", "\"nan\"", "0")]
    [InlineData("integer", "1e22", "10000000000000000000000")]
    [InlineData("integer", "123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("number", "\"nan\"", "null")]
    [InlineData("string", "\"é\"", "'é'")]
    [InlineData("string", "{\"é\": 1.50}", "'{\"\\\\u00e9\": 1.5}'")]
    [InlineData("map<any>", "\"{\\\"a\\\": 1, \\\"b\\\": 2, \\\"a\\\": 3}\"", "{'a': 3, 'b': 2}")]
    [InlineData("enum(a|b)", "5", "5")]
    [InlineData("object{id}", "\"x\"", "'x'")]
    public void Converts(string type, string value, string expected)
    {
        Assert.True(Coercion.TryConvert(JsonValues.Parse(value), PinTypes.Parse(type), out var result, out _));

        Assert.Equal(expected == "null" ? "None" : expected, PythonText.Repr(result));
    }

    [Fact]
    public void An_infinity_does_not_become_an_integer()
    {
        Assert.False(Coercion.TryConvert(JsonValues.From("-Infinity"), PinType.Integer, out _, out var error));
        Assert.Contains("infinity", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_union_takes_the_first_member_that_can_hold_the_value()
    {
        Assert.True(Coercion.TryConvert(JsonValues.From("inf"), PinTypes.Parse("integer|string"), out var result, out _));
        Assert.Equal("inf", result.GetString());
    }
}
