using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Values that nest deep, from the command line to standard output.</summary>
public sealed class DepthTests
{
    private const string AnyInput = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b";
    private const string CreateDictionary = "b924ddf4-de4f-4b56-9a85-358930dcbc91";

    private static string Nested(int levels) => string.Concat(Enumerable.Repeat("""{"a":""", levels)) + "1" + new string('}', levels);

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(511)]
    public async Task A_value_that_goes_through_a_dynamic_pin_comes_out_whole(int levels)
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync(Agent(place), "--input", "v:=" + Nested(levels));

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal($$$"""{"o":[{"x":{{{Nested(levels)}}}}]}""", result.OutputsJson);
    }

    [Fact]
    public async Task A_value_that_a_dynamic_pin_makes_too_deep_fails_its_node_by_the_name_of_the_pin()
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync(Agent(place), "--input", "v:=" + Nested(512));

        Assert.Equal(1, result.Json.GetProperty("stats").GetProperty("node_error_count").GetInt32());
        Assert.Contains("'values' nests deeper than 512 levels of lists and objects", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_that_is_too_deep_is_refused_by_its_name()
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync(Agent(place), "--input", "v:=" + Nested(513));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Input 'v' nests deeper than 512 levels of lists and objects", result.Errors, StringComparison.Ordinal);
    }

    private static string Agent(Workplace place) => place.File("deep.json", new AgentBuilder("deep")
        .Node("v", AnyInput, new() { ["name"] = "v" }).Node("d", CreateDictionary).Node("o", AgentBuilder.Output, new() { ["name"] = "o" })
        .Link("v", "result", "d", "values_#_x").Link("d", "dictionary", "o", "value").Json());
}
