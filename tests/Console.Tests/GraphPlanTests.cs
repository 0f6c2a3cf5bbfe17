using Grainflow.Engine.Values;
using Grainflow.WebConsole.Runs;

namespace Grainflow.WebConsole.Tests;

public sealed class GraphPlanTests
{
    private static readonly Dictionary<string, string> Blocks = new(StringComparer.Ordinal) { ["store"] = "StoreValueBlock" };

    [Fact]
    public void Nodes_stand_where_their_agent_puts_them()
    {
        var plan = Plan("""{"nodes": [{"id": "a", "block_id": "store", "metadata": {"position": {"x": 10, "y": -5.5}}}, {"id": "b", "block_id": "store", "metadata": {"position": {"x": 400, "y": 0}}}]}""");
        Assert.Equal([("a", 10, -5.5), ("b", 400, 0)], plan.Nodes.Select(node => (node.Id, node.X, node.Y)));
    }

    [Fact]
    public void Without_positions_the_column_of_a_node_is_its_longest_way_from_a_start()
    {
        var plan = Plan("""
            {"nodes": [{"id": "a", "block_id": "store"}, {"id": "b", "block_id": "store"}, {"id": "c", "block_id": "store"}, {"id": "d", "block_id": "store"}],
             "links": [{"source_id": "a", "sink_id": "b"}, {"source_id": "b", "sink_id": "c"}, {"source_id": "a", "sink_id": "c"}]}
            """);
        var columns = plan.Nodes.ToDictionary(node => node.Id, node => node.X, StringComparer.Ordinal);
        Assert.Equal(columns["a"], columns["d"]);
        Assert.True(columns["a"] < columns["b"] && columns["b"] < columns["c"]);
        Assert.Equal(4, plan.Nodes.Select(node => (node.X, node.Y)).Distinct().Count());
    }

    [Fact]
    public void A_graph_whose_nodes_are_all_at_one_place_is_laid_out()
    {
        var plan = Plan("""{"nodes": [{"id": "a", "block_id": "store", "metadata": {"position": {"x": 0, "y": 0}}}, {"id": "b", "block_id": "store", "metadata": {"position": {"x": 0, "y": 0}}}]}""");
        Assert.Equal(2, plan.Nodes.Select(node => (node.X, node.Y)).Distinct().Count());
    }

    [Fact]
    public void A_cycle_ends_and_every_node_has_a_place_of_its_own()
    {
        var plan = Plan("""
            {"nodes": [{"id": "a", "block_id": "store"}, {"id": "b", "block_id": "store"}, {"id": "c", "block_id": "store"}],
             "links": [{"source_id": "a", "sink_id": "b"}, {"source_id": "b", "sink_id": "c"}, {"source_id": "c", "sink_id": "a"}, {"source_id": "x", "sink_id": "a"}]}
            """);
        Assert.Equal(3, plan.Nodes.Select(node => (node.X, node.Y)).Distinct().Count());
    }

    [Fact]
    public void The_title_is_the_users_name_then_that_of_the_input_then_the_block()
    {
        var plan = Plan("""
            {"nodes": [{"id": "a", "block_id": "store", "metadata": {"customized_name": "Mine"}, "input_default": {"name": "n"}}, {"id": "b", "block_id": "store", "input_default": {"name": "n"}},
             {"id": "c", "block_id": "store"}, {"id": "d", "block_id": "gone"}]}
            """);
        Assert.Equal(["Mine", "n", "StoreValue", "Unknown block gone"], plan.Nodes.Select(node => node.Title));
        Assert.Equal("StoreValue", plan.Nodes[0].Kind);
    }

    [Fact]
    public void Links_lead_from_the_right_of_a_node_to_the_left_of_another_and_those_to_nowhere_are_left_out()
    {
        var svg = Plan("""
            {"nodes": [{"id": "a", "block_id": "store", "metadata": {"position": {"x": 0, "y": 0}}}, {"id": "b", "block_id": "store", "metadata": {"position": {"x": 400.5, "y": 100}}}],
             "links": [{"source_id": "a", "sink_id": "b"}, {"source_id": "a", "sink_id": "gone"}]}
            """).Svg();
        Assert.Contains("d=\"M220 46 C310.3 46 310.3 146 400.5 146\"", svg, StringComparison.Ordinal);
        Assert.Equal(1, svg.Split("graph-link").Length - 1);
    }

    private static GraphPlan Plan(string graph) => GraphPlan.Of(JsonValues.Parse(graph), Blocks);
}
