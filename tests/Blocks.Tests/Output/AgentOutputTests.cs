using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Output;

public sealed class AgentOutputTests
{
    [Fact]
    public async Task A_failing_template_shows_the_failure_and_the_value()
    {
        var output = Assert.Single(await BlockResults.RunAsync("AgentOutputBlock", """{"name": "o", "value": [true, null], "format": "{{ 1 / 0 }}"}"""));

        Assert.StartsWith("output=\"Error: ", output, StringComparison.Ordinal);
        Assert.EndsWith(", [True, None]\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_format_sees_the_value_under_its_own_name() =>
        Assert.Equal(["output=\"3 items\""], await BlockResults.RunAsync("AgentOutputBlock", """{"name": "list", "value": [1, 2, 3], "format": "{{ list | length }} items"}"""));
}
