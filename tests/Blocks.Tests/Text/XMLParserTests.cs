using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text;

public sealed class XMLParserTests
{
    private const string Block = "XMLParserBlock";

    [Fact]
    public async Task Several_roots_with_space_between_them_become_one_object() =>
        Assert.Equal(["""parsed_xml={"title":"T","stories":[{"story":"a"},{"story":"b"}]}"""], await Parse("\n<title>T</title>\n <stories><story>a</story><story>b</story></stories>\n"));

    [Fact]
    public async Task Two_roots_of_one_name_are_refused_with_the_cure() =>
        Assert.Equal(["!Execution: XML has several root elements with the name 'a'; wrap them in a single root tag"], await Parse("<a>1</a><a>2</a>"));

    [Fact]
    public async Task Text_outside_of_the_roots_is_refused() =>
        Assert.Equal(["!Execution: XML contains text outside the root element; wrap content in a single root tag"], await Parse("Here it is: <a>1</a>"));

    [Fact]
    public async Task A_declaration_of_entities_is_a_tag_like_any_other_and_expands_nothing()
    {
        var shown = Assert.Single(await Parse("<!DOCTYPE r [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>"));
        Assert.StartsWith("!", shown, StringComparison.Ordinal);
        Assert.Equal(["""parsed_xml={"r":"&b;"}"""], await Parse("<r>&b;</r>"));
    }

    [Fact]
    public async Task Nesting_beyond_the_limit_of_values_is_refused_before_anything_is_built() =>
        Assert.Equal([$"!Execution: XML nests deeper than {JsonValues.MaxDepth} levels, which is the limit"], await Parse(string.Concat(Enumerable.Repeat("<a>", 1_000_000))));

    [Fact]
    public async Task A_text_of_nothing_but_opened_angles_ends_soon() =>
        Assert.StartsWith("!", Assert.Single(await Parse(new string('<', 1_000_000))), StringComparison.Ordinal);

    private static Task<List<string>> Parse(string xml) => BlockResults.RunAsync(Block, JsonValues.Object(KeyValuePair.Create("input_xml", JsonValues.From(xml))));
}
