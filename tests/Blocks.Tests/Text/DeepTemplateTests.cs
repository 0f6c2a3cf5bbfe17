using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Blocks.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Text;

public sealed class DeepTemplateTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(512)]
    public async Task A_template_prints_a_value_of_every_depth_that_pins_take(int levels)
    {
        var nested = new string('[', levels) + new string(']', levels);

        var (outputs, failure) = await new TestRun().RunAsync(
            new FillTextTemplateBlock(), JsonValues.Parse($$$"""{"values": {"v": {{{nested[1..^1]}}}}, "format": "{{v}}"}"""));

        Assert.Null(failure);
        Assert.Equal(nested[1..^1], Assert.Single(outputs).Value.GetString());
    }
}
