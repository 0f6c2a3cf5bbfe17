using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Tests;

public sealed class AgentInputTests
{
    [Theory]
    [InlineData("integer", "12", "12")]
    [InlineData("integer", "2.0", "2.0")]
    [InlineData("integer", "1_000", "1000")]
    [InlineData("integer", "٣", "3")]
    [InlineData("integer?", "-१२", "-12")]
    [InlineData("integer", " ３\u3000", "3")]
    [InlineData("integer", "٣.٠", "3.0")]
    [InlineData("integer", "٣e٢", "300.0")]
    [InlineData("number", "٣.٥", "3.5")]
    [InlineData("number", "٣", "3.0")]
    [InlineData("number", ".5", "0.5")]
    [InlineData("number", "1e3", "1e3")]
    [InlineData("boolean", "true", "true")]
    [InlineData("boolean", "TRUE", "true")]
    [InlineData("boolean", " False ", "false")]
    [InlineData("string", "٣", "\"٣\"")]
    [InlineData("any", "٣", "\"٣\"")]
    public void A_text_is_read_as_the_type_that_the_input_takes(string type, string text, string expected)
    {
        var read = AgentInputs.Read(new CliInput("n", text, IsJson: false), PinTypes.Parse(type));

        Assert.Equal(expected, JsonValues.Compact(read));
    }

    [Theory]
    [InlineData("any", "\uFEFF[1]", false, "[1]")]
    [InlineData("integer", "\uFEFF1", false, "1")]
    [InlineData("string", "\uFEFF\"x\"", true, "\"x\"")]
    public void A_value_from_a_file_with_a_byte_order_mark_is_read_as_JSON(string type, string text, bool json, string expected) =>
        Assert.Equal(expected, JsonValues.Compact(AgentInputs.Read(new CliInput("n", text, json), PinTypes.Parse(type))));

    [Theory]
    [InlineData("integer", "one")]
    [InlineData("integer", "2.5")]
    [InlineData("integer", "²")]
    [InlineData("integer", "３．０")]
    [InlineData("integer", "")]
    [InlineData("integer", "nan")]
    [InlineData("number", "inf")]
    [InlineData("number", "−3")]
    [InlineData("boolean", "yes")]
    [InlineData("boolean", "1")]
    [InlineData("boolean", "ＴＲＵＥ")]
    public void A_text_that_is_no_such_value_is_refused_by_name(string type, string text)
    {
        var refusal = Assert.Throws<CliException>(() => AgentInputs.Read(new CliInput("n", text, IsJson: false), PinTypes.Parse(type)));

        Assert.Contains($"'{text}' is given", refusal.Message, StringComparison.Ordinal);
    }
}
