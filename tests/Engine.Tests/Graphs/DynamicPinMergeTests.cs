using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 2.8 "Merge": every row of its table.</summary>
public sealed class DynamicPinMergeTests
{
    [Theory]
    // Two members of a map.
    [InlineData("""{"v_#_a": 1, "v_#_b": 2}""", """{"a":1,"b":2}""")]
    // A base map present before is updated in place.
    [InlineData("""{"v": {"x": 0, "a": 9}, "v_#_a": 1}""", """{"x":0,"a":1}""")]
    // A base present after wins.
    [InlineData("""{"v_#_a": 1, "v": {"x": 0}}""", """{"x":0}""")]
    [InlineData("""{"v_#_a": 1, "v": {"x": 0}, "v_#_b": 2}""", """{"x":0,"b":2}""")]
    // An index alone fills with nulls.
    [InlineData("""{"v_$_2": "x"}""", """[null,null,"x"]""")]
    [InlineData("""{"v_$_1": "b", "v_$_0": "a"}""", """["a","b"]""")]
    [InlineData("""{"v_$_１": "b", "v_$_०": "a"}""", """["a","b"]""")]
    [InlineData("""{"v": [1, 2], "v_$_-1": 5}""", "[1,5]")]
    // Text becomes a list of characters, a map a list of its keys.
    [InlineData("""{"v": "aé😀", "v_$_1": "x"}""", """["a","x","😀"]""")]
    [InlineData("""{"v": {"k": 1, "l": 2}, "v_$_2": 3}""", """["k","l",3]""")]
    // Any other container is replaced; the last kind wins.
    [InlineData("""{"v": 5, "v_#_a": 1}""", """{"a":1}""")]
    [InlineData("""{"v": "text", "v_#_a": 1}""", """{"a":1}""")]
    [InlineData("""{"v": [1], "v_#_a": 1}""", """{"a":1}""")]
    [InlineData("""{"v": null, "v_$_0": 1}""", "[1]")]
    [InlineData("""{"v": true, "v_$_0": 1}""", "[1]")]
    [InlineData("""{"v_$_0": 1, "v_#_a": 2}""", """{"a":2}""")]
    [InlineData("""{"v_#_a": 2, "v_$_1": 1}""", """["a",1]""")]
    // Attributes make a free object.
    [InlineData("""{"v_@_a": 1, "v_@_b": {"c": 2}}""", """{"a":1,"b":{"c":2}}""")]
    // Parts may be chained.
    [InlineData("""{"v_#_a_$_1_@_k": 7}""", """{"a":[null,{"k":7}]}""")]
    [InlineData("""{"v_#_a_#_x": 1, "v_#_a_#_y": 2}""", """{"a":{"x":1,"y":2}}""")]
    // Number text and null survive.
    [InlineData("""{"v_#_a": 5.0, "v_#_b": null, "v_#_c": 1e3}""", """{"a":5.0,"b":null,"c":1e3}""")]
    public void Parts_are_put_together(string data, string expected) => Assert.Equal(expected, JsonValues.Compact(Merge(data)["v"]));

    [Fact]
    public void The_flattened_names_stay_beside_the_base()
    {
        var merged = Merge("""{"v_#_a": 1, "w": 2, "v_#_b": 3}""");

        Assert.Equal(["v", "v_#_a", "v_#_b", "w"], merged.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("3", JsonValues.Compact(merged["v_#_b"]));
    }

    [Fact]
    public void A_malformed_name_is_kept_as_it_is()
    {
        var merged = Merge("""{"v_#_": 1, "v_#_a_$_": 2}""");

        Assert.Equal(["v_#_", "v_#_a_$_"], merged.Keys);
        Assert.Equal("1", JsonValues.Compact(merged["v_#_"]));
    }

    [Fact]
    public void A_name_that_begins_with_a_part_has_an_empty_base() => Assert.Equal("""{"a":1}""", JsonValues.Compact(Merge("""{"_#_a": 1}""")[""]));

    [Theory]
    [InlineData("""{"v_$_x": 1}""")]
    [InlineData("""{"v_$_1.5": 1}""")]
    [InlineData("""{"v": [1], "v_$_-3": 1}""")]
    [InlineData("""{"v_$_999999999": 1}""")]
    [InlineData("""{"v_$_99999999999999999999": 1}""")]
    [InlineData("""{"v_$_-99999999999999999999": 1}""")]
    [InlineData("""{"v_$_½": 1}""")]
    public void An_index_that_is_none_is_an_error(string data) => Assert.Throws<FormatException>(() => Merge(data));

    [Fact]
    public void Data_without_parts_is_left_alone()
    {
        var data = Data("""{"b": 1, "a": 2}""");

        Assert.Same(data, DynamicPins.Merge(data));
    }

    private static PinValues Merge(string data) => DynamicPins.Merge(Data(data));

    private static PinValues Data(string json)
    {
        var values = new PinValues(StringComparer.Ordinal);
        foreach (var member in JsonValues.Parse(json).EnumerateObject()) values[member.Name] = member.Value;
        return values;
    }
}
