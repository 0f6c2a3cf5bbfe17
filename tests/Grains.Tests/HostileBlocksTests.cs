using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class HostileBlocksTests
{
    private static readonly BlockCatalogue Built = new();

    [Fact]
    public async Task Blocks_that_fill_memory_stack_or_time_fail_alone_and_a_run_beside_them_ends_as_ever()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Options = options => options.RunLimits = options.RunLimits with { MaxOutputsPerExecution = 1000, MaxOutputBytes = 1024 * 1024 },
        });
        var hostile = cluster.NewAgent("Hostile")
            .Node("endless", IdOf("CountdownTimerBlock"), """{"repeat": 1000000000000}""")
            .Node("huge", IdOf("TextReplaceBlock"), Json(new { text = new string('a', 10_000), old = "a", @new = new string('b', 10_000) }))
            .Node("large", IdOf("TextReplaceBlock"), Json(new { text = new string('a', 1200), old = "a", @new = new string('b', 1000) }))
            .Node("deep", IdOf("StepThroughItemsBlock"), Json(new { items_str = new string('[', 100_000) }))
            .Node("markup", IdOf("XMLParserBlock"), Json(new { input_xml = string.Concat(Enumerable.Repeat("<a>", 100_000)) }))
            .Node("entities", IdOf("XMLParserBlock"), Json(new { input_xml = "<!DOCTYPE r [<!ENTITY a \"aaaa\">]><r>&a;</r>" }))
            .Node("template", IdOf("FillTextTemplateBlock"), Json(new { values = new { l = Enumerable.Range(0, 100) }, format = string.Concat(Enumerable.Repeat("{% for i in l %}", 8)) + "x" + string.Concat(Enumerable.Repeat("{% endfor %}", 8)) }))
            .Build();
        await cluster.StoreAsAsync("attacker", hostile);

        var underAttack = await cluster.StartRunAsync(hostile, user: "attacker");
        var beside = await cluster.RunToEndAsync(Neighbour());
        var attacked = await cluster.EndOfAsync(underAttack);

        Assert.Equal("COMPLETED", attacked.Status);
        Assert.All(hostile.Nodes, node => Assert.Equal((node.Id, "FAILED"), (node.Id, attacked.The(node.Id).Row.Status)));
        Assert.All(hostile.Nodes, node => Assert.NotEmpty(attacked.The(node.Id).Row.Error!));
        Assert.Equal(("COMPLETED", "3.0"), (beside.Status, Assert.Single(beside.Results("result"))));
        // The same silo takes further runs.
        Assert.Equal("COMPLETED", (await cluster.RunToEndAsync(Neighbour())).Status);

        Graph Neighbour() => cluster.NewAgent("Neighbour").Node("sum", IdOf("CalculatorBlock"), """{"operation": "Add", "a": 1, "b": 2}""").Output("result").Link("sum.result", "result.value").Build();
    }

    [Fact]
    public async Task A_graph_that_doubles_a_value_at_each_step_ends_at_the_limit_of_outputs()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.RunLimits = options.RunLimits with { MaxOutputBytes = 256 * 1024 } });
        var agent = cluster.NewAgent()
            .Node("seed", TestBlocks.Step, $$"""{"value": "{{new string('x', 1000)}}"}""")
            .Node("double", IdOf("FillTextTemplateBlock"), """{"format": "{{ a }}{{ a }}"}""")
            .Link("seed.value", "double.values_#_a").Link("double.output", "double.values_#_a").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("COMPLETED", run.Status);
        // 2,000 to 256,000 characters, and then one that is refused.
        Assert.Equal(8, run.Of("double").Count(node => node.Row.Status == "COMPLETED"));
        Assert.Matches("MAX_OUTPUT_BYTES", Assert.Single(run.Of("double"), node => node.Row.Status == "FAILED").Row.Error);
    }

    private static string IdOf(string block) => Built.Blocks.Single(built => built.Definition.Name == block).Definition.Id;

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
