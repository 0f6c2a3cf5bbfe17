using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Tests.Agents;

public sealed class AgentExecutorTests
{
    [Fact]
    public async Task A_direct_call_is_refused()
    {
        const string input = """{"user_id": "u", "graph_id": "g", "graph_version": 1, "inputs": {}, "input_schema": {}, "output_schema": {}}""";

        Assert.Equal(["!Execution: A sub-agent runs only as part of a graph"], await BlockResults.RunAsync("AgentExecutorBlock", input));
        Assert.Equal(BlockKind.Agent, BlockResults.Block("AgentExecutorBlock").Definition.Kind);
    }
}
