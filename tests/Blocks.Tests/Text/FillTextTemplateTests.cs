using System.Text.Json;
using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Text;

public sealed class FillTextTemplateTests
{
    [Theory]
    [InlineData("Fußweg", "FUSSWEG|fußweg|Fußweg")]
    [InlineData("ΛΟΓΟΣ", "ΛΟΓΟΣ|λογος|Λογος")]
    [InlineData("ﬂink", "FLINK|ﬂink|FLink")]
    [InlineData("ǆip", "ǄIP|ǆip|Ǆip")]
    [InlineData("𐐀𐐩", "𐐀𐐁|𐐨𐐩|𐐀𐐩")]
    public async Task Letters_change_their_case_as_in_Python(string text, string expected)
    {
        var input = $$$"""{"values": {"t": {{{JsonSerializer.Serialize(text)}}}}, "format": "{{ t|upper }}|{{ t|lower }}|{{ t|title }}"}""";

        Assert.Equal([$"output=\"{expected}\""], await BlockResults.RunAsync("FillTextTemplateBlock", input));
    }
}
