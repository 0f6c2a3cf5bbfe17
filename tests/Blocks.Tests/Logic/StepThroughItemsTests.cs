using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Logic;

public sealed class StepThroughItemsTests
{
    [Fact]
    public async Task Members_of_earlier_sources_come_before_a_later_one_fails() =>
        Assert.Equal(["item=1", "key=0", "!Execution: items_str is not valid JSON"], await BlockResults.RunAsync("StepThroughItemsBlock", """{"items": [1], "items_str": "{"}"""));

    [Fact]
    public async Task Too_much_text_is_refused() =>
        Assert.Equal(["!Execution: Input too large: 1048577 > 1048576 characters"], await BlockResults.RunAsync("StepThroughItemsBlock", $$"""{"items_str": "{{new string('1', 1_048_577)}}"}"""));
}
