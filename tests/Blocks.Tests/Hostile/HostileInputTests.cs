using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Hostile;

/// <summary>Inputs that are made to fill the memory, the stack or the time of the process. Each fails its block with a reason; HostileBlocksTests of the grains run them beside others.</summary>
public sealed class HostileInputTests
{
    private const string TooLong = "!Execution: The output would have more than 33554432 characters, which is the limit";

    public static TheoryData<string, string, string> Inputs()
    {
        var data = new TheoryData<string, string, string>();
        var million = string.Concat(Enumerable.Repeat("\"\",", 1_000_000)).TrimEnd(',');
        data.Add("TextReplaceBlock", Object(("text", Text('a', 10_000)), ("old", "\"a\""), ("new", Text('b', 10_000))), TooLong);
        data.Add("TextReplaceBlock", Object(("text", Text('a', 10_000)), ("old", "\"\""), ("new", Text('b', 10_000))), TooLong);
        data.Add("CombineTextsBlock", Object(("input", $"[{million}]"), ("delimiter", Text('d', 1000))), TooLong);
        data.Add("TextSplitBlock", Object(("text", Text(',', 12_000_000)), ("delimiter", "\",\"")), TooLong);
        data.Add("ZipListsBlock", Object(("lists", $"[[{million}],{string.Concat(Enumerable.Repeat("[],", 10_000)).TrimEnd(',')}]"), ("pad_to_longest", "true")), TooLong);
        data.Add("XMLParserBlock", Object(("input_xml", Text('x', 10_485_761))), "!Execution: XML too large: 10485761 > 10485760 characters");
        data.Add("XMLParserBlock", Object(("input_xml", $"\"{string.Concat(Enumerable.Repeat("<a>", 500_000))}\"")), "!Execution: XML nests deeper than 512 levels, which is the limit");
        data.Add("StepThroughItemsBlock", Object(("items_str", $"\"{new string('[', 500_000)}\"")), "!Execution: items_str is not valid JSON");
        data.Add("FindInDictionaryBlock", Object(("input", $"\"{string.Concat(Enumerable.Repeat("{\\\"a\\\":", 100_000))}\""), ("key", "\"a\"")), "!Execution: The input is text but not valid JSON");
        data.Add("FlattenListBlock", Object(("nested_list", Nested(513))), "!Input: 'nested_list' nests deeper than 512 levels of lists and objects, which is the limit");
        data.Add("CountdownTimerBlock", Object(("seconds", "1e300")), "!Execution: A wait of 1E+300 seconds is longer than the 365 days that a run can take");
        data.Add("GetCurrentDateBlock", Object(("trigger", "\"\""), ("offset", "\"99999999999\"")), "!Execution: An offset of 99999999999 days leads out of the years 1 to 9999");
        data.Add("FillTextTemplateBlock", Object(("values", $"{{\"l\": [{string.Join(',', Enumerable.Range(0, 100))}]}}"), ("format", $"\"{string.Concat(Enumerable.Repeat("{% for i in l %}", 8))}x{string.Concat(Enumerable.Repeat("{% endfor %}", 8))}\"")), "!Execution: ");
        data.Add("FillTextTemplateBlock", Object(("values", "{}"), ("format", "\"{{ 'x' * 1000000000 }}\"")), "!Execution: ");
        return data;
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task A_hostile_input_fails_its_block_with_a_reason(string block, string input, string reason) =>
        Assert.StartsWith(reason, Assert.Single(await BlockResults.RunAsync(block, JsonValues.Parse(input))), StringComparison.Ordinal);

    [Fact]
    public async Task A_pattern_that_backtracks_without_end_is_given_up()
    {
        var input = Object(("text", "\"" + new string('a', 64) + "b\""), ("match", "\"(a|aa)+$\""), ("data", "1"));

        // The engine may also find the answer in time; what it must not do is run on.
        var shown = Assert.Single(await BlockResults.RunAsync("MatchTextPatternBlock", input));

        Assert.True(shown == "negative=1" || shown.StartsWith("!Execution: The pattern in 'match' was given up", StringComparison.Ordinal), shown);
    }

    [Fact]
    public async Task A_deeply_nested_list_within_the_limit_is_flattened() =>
        Assert.Equal(["flattened_list=[]", "length=0", "original_depth=512"], await BlockResults.RunAsync("FlattenListBlock", JsonValues.Parse(Object(("nested_list", Nested(512))))));

    [Fact]
    public async Task Lists_of_very_many_elements_are_compared_in_one_pass_each()
    {
        var list = $"[{string.Join(',', Enumerable.Range(0, 300_000))}]";
        var shown = await BlockResults.RunAsync("ListDifferenceBlock", JsonValues.Parse(Object(("list_a", list), ("list_b", list))));
        Assert.Equal(["difference=[]", "length=0"], shown);
    }

    [Fact]
    public async Task An_error_of_one_block_leaves_the_next_execution_of_it_alone()
    {
        Assert.StartsWith("!", Assert.Single(await BlockResults.RunAsync("XMLParserBlock", """{"input_xml": "<a>"}""")), StringComparison.Ordinal);
        Assert.Equal(["""parsed_xml={"a":"1"}"""], await BlockResults.RunAsync("XMLParserBlock", """{"input_xml": "<a>1</a>"}"""));
    }

    private static string Object(params (string Name, string Json)[] members) => $"{{{string.Join(',', members.Select(member => $"\"{member.Name}\":{member.Json}"))}}}";

    private static string Text(char character, int length) => $"\"{new string(character, length)}\"";

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);
}
