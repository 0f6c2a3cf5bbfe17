using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class ValueComparisonTests
{
    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "true", true)]
    [InlineData("0.0", "false", true)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("null", "0", false)]
    [InlineData("null", "null", true)]
    [InlineData("9007199254740993", "9007199254740992.0", false)]
    [InlineData("100000000000000000000", "1e20", true)]
    [InlineData("{\"a\": 1, \"b\": [2]}", "{\"b\": [2.0], \"a\": true}", true)]
    [InlineData("{\"a\": 1}", "{\"a\": 1, \"b\": 2}", false)]
    [InlineData("[1, 2]", "[2, 1]", false)]
    public void Equality_goes_by_value(string left, string right, bool expected)
    {
        Assert.Equal(expected, ValueEquality.AreEqual(JsonValues.Parse(left), JsonValues.Parse(right)));
        Assert.Equal(expected, ValueEquality.AreEqual(JsonValues.Parse(right), JsonValues.Parse(left)));
    }

    [Theory]
    [InlineData("1", "2.5", -1)]
    [InlineData("-1", "-1.5", 1)]
    [InlineData("true", "0", 1)]
    [InlineData("\"apple\"", "\"Banana\"", 1)]
    [InlineData("\"a\"", "\"ab\"", -1)]
    [InlineData("\"\\uffff\"", "\"\\ud83d\\ude00\"", -1)]
    [InlineData("[1, 2]", "[1, 3]", -1)]
    [InlineData("[1]", "[1, 0]", -1)]
    [InlineData("[1, null]", "[1, null]", 0)]
    [InlineData("[1, null]", "[1, 2]", null)]
    [InlineData("1", "\"1\"", null)]
    [InlineData("null", "null", null)]
    [InlineData("{}", "{}", null)]
    public void Order_is_that_of_the_reference(string left, string right, int? expected)
    {
        var order = ValueOrder.Compare(JsonValues.Parse(left), JsonValues.Parse(right));

        Assert.Equal(expected, order is { } sign ? Math.Sign(sign) : null);
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("0", false)]
    [InlineData("-0.0", false)]
    [InlineData("\"\"", false)]
    [InlineData("[]", false)]
    [InlineData("{}", false)]
    [InlineData("false", false)]
    [InlineData("\" \"", true)]
    [InlineData("[0]", true)]
    [InlineData("0.1", true)]
    public void Emptiness_is_false(string value, bool expected) => Assert.Equal(expected, Truth.IsTruthy(JsonValues.Parse(value)));
}
