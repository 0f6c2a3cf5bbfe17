using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.4 and 2.8 "Select".</summary>
public sealed class DynamicPinSelectTests
{
    [Theory]
    [InlineData("result", "result", """{"a": 1}""", """{"a":1}""")]
    [InlineData("result", "result", "null", "null")]
    [InlineData("result", "result_#_a", """{"a": 1}""", "1")]
    [InlineData("result", "result_#_a", """{"a": null}""", "null")]
    [InlineData("result", "result_@_a", """{"a": 1.50}""", "1.50")]
    [InlineData("result", "result_$_1", "[1, 2, 3]", "2")]
    [InlineData("result", "result_$_-1", "[1, 2, 3]", "3")]
    [InlineData("result", "result_$_-3", "[1, 2, 3]", "1")]
    [InlineData("result", "result_$_٢", "[1, 2, 3]", "3")]
    [InlineData("result", "result_$_ 0_1\u3000", "[1, 2, 3]", "2")]
    [InlineData("result", "result_$_1_#_k_@_x", """[0, {"k": {"x": true}}]""", "true")]
    [InlineData("result", "result_#_two words, and a sign", """{"two words, and a sign": 1}""", "1")]
    [InlineData("r_#_a", "r_#_a_#_b", """{"b": 2}""", "2")]
    public void Takes_the_part_that_the_link_names(string output, string link, string value, string expected) =>
        Assert.Equal(expected, Select(output, link, value));

    [Theory]
    [InlineData("result", "other", "1")]
    [InlineData("res", "result", "1")]
    [InlineData("result", "res", "1")]
    [InlineData("result", "result_#_", """{"": 1}""")]
    [InlineData("result", "result_#_a_$_", """{"a": [1]}""")]
    [InlineData("result", "result_#a", """{"a": 1}""")]
    [InlineData("result", "result_#_b", """{"a": 1}""")]
    [InlineData("result", "result_@_b", """{"a": 1}""")]
    [InlineData("result", "result_#_a", "[1]")]
    [InlineData("result", "result_#_a", "\"text\"")]
    [InlineData("result", "result_$_0", """{"0": 1}""")]
    [InlineData("result", "result_$_0", "\"text\"")]
    [InlineData("result", "result_$_3", "[1, 2, 3]")]
    [InlineData("result", "result_$_-4", "[1, 2, 3]")]
    [InlineData("result", "result_$_x", "[1]")]
    [InlineData("result", "result_$_²", "[1, 2, 3]")]
    [InlineData("result", "result_$_99999999999999999999", "[1]")]
    [InlineData("result", "result_$_-99999999999999999999", "[1]")]
    [InlineData("result", "result_$_1.0", "[1, 2]")]
    [InlineData("result", "result_$_0", "[]")]
    [InlineData("result", "result_#_a_#_b", """{"a": 1}""")]
    public void Takes_nothing_when_the_part_is_not_there(string output, string link, string value) => Assert.Null(Select(output, link, value));

    [Theory]
    [InlineData("tools_^_sink_~_pin", "tools", "5")]
    [InlineData("tools_^_sink_~_pin", "tools_^_legacy_~_pin", "5")]
    [InlineData("tools_^_other_~_pin", "tools", null)]
    [InlineData("tools_^_sink_~_else", "tools", null)]
    [InlineData("tools_^_sink_~_else", "tools_^_sink_~_else", null)]
    [InlineData("tools_^_sink_~_pin", "out", null)]
    public void A_tool_call_goes_only_to_the_node_and_pin_it_names(string output, string link, string? expected) =>
        Assert.Equal(expected, Select(output, link, "5"));

    [Theory]
    [InlineData("values", "values")]
    [InlineData("values_#_name", "values")]
    [InlineData("list_$_0_#_x", "list")]
    [InlineData("event_@_title_$_2", "event")]
    [InlineData("a_#_b_$_c", "a")]
    [InlineData("_#_a", "")]
    public void The_base_name_is_what_stands_before_the_parts(string name, string expected) => Assert.Equal(expected, DynamicPins.BaseName(name));

    [Theory]
    [InlineData("tools", true)]
    [InlineData("tools_^_x_~_y", true)]
    [InlineData("tools_x", false)]
    [InlineData("my_tools", false)]
    public void Tool_pins_are_known_by_their_name(string name, bool expected)
    {
        Assert.Equal(expected, DynamicPins.IsTool(name));
        Assert.Equal(expected ? "tools" : name, DynamicPins.Sanitize(name));
    }

    private static string? Select(string output, string link, string value) =>
        DynamicPins.Select(output, JsonValues.Parse(value), new GraphLink("l", "source", link, "sink", "pin", IsStatic: false)) is { } selected ? JsonValues.Compact(selected) : null;
}
