using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class SchemaCheckTests
{
    [Theory]
    [InlineData("integer", "2.0", null)]
    [InlineData("integer", "1e2", null)]
    [InlineData("integer", "1.5", "'pin' must be of type integer, not number")]
    [InlineData("integer", "true", "'pin' must be of type integer, not boolean")]
    [InlineData("number", "1", null)]
    [InlineData("number", "\"1\"", "'pin' must be of type number, not string")]
    [InlineData("boolean", "0", "'pin' must be of type boolean, not integer")]
    [InlineData("string", "null", "'pin' must be of type string, not null")]
    [InlineData("string?", "null", null)]
    [InlineData("any", "null", null)]
    [InlineData("array<map<integer>>", "[{\"a\": 1}, {\"b\": \"x\"}]", "'pin[1].b' must be of type integer, not string")]
    [InlineData("enum(a|b)", "\"b\"", null)]
    [InlineData("enum(a|b)", "\"B\"", "'pin' must be one of 'a', 'b'")]
    [InlineData("string|integer", "3", null)]
    [InlineData("string|integer", "[]", "'pin' must be of type string, not array, and it fits no other type of the pin")]
    [InlineData("object{id,name?}", "{\"id\": 1, \"other\": 2}", null)]
    [InlineData("object{id,name?}", "{\"name\": 1}", "'pin.id' is required")]
    public void Names_the_first_place_that_does_not_fit(string type, string value, string? expected) =>
        Assert.Equal(expected, SchemaCheck.Find(JsonValues.Parse(value), PinTypes.Parse(type), "pin"));
}
