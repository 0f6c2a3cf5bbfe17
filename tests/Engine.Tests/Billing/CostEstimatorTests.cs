using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Billing;

public sealed class CostEstimatorTests
{
    private const int Limit = 1000;

    /// <summary>5 credits for <c>a</c> = "dear", 2 for "cheap", else free.</summary>
    private static readonly BlockDefinition Priced = FakeBlocks.Of("Priced", "a:any=null b:any=null", "out:any error:string") with
    {
        Costs = [new CostRule(5, CostType.Run, JsonValues.Parse("""{"a": "dear"}""")), new CostRule(2, CostType.Run, JsonValues.Parse("""{"a": "cheap"}"""))],
    };

    private static readonly BlockDefinition Splitter = FakeBlocks.Of("Splitter", "a:any=null", "out:any") with { EmitsSeveral = true };

    private static readonly BlockDefinition Model = FakeBlocks.Model with
    {
        Costs = [new CostRule(4, CostType.Run, JsonValues.Parse("""{"model": "m1", "credentials": {"id": "sys"}}"""))],
    };

    [Theory]
    [InlineData("""{"a": "dear"}""", 5)]
    [InlineData("""{"a": "cheap"}""", 2)]
    [InlineData("{}", 0)]
    public void A_price_that_follows_from_constants_is_known(string constants, long cost)
    {
        var estimate = Estimate(new GraphBuilder().Node("n", Priced, constants));

        Assert.Equal((cost, cost, true), (estimate.Total, estimate.Maximum, estimate.IsKnown));
        Assert.Equal((cost, cost > 0 ? CostType.Run : null, true, null), Of(estimate, "n"));
    }

    [Theory]
    [InlineData("""{"x": "cheap"}""", 2)]
    [InlineData("""{"x": "other"}""", 0)]
    [InlineData("{}", 5)] // The value of the input node.
    public void The_inputs_of_the_agent_are_known(string inputs, long cost)
    {
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x", "value": "dear"}""").Node("n", Priced).Link("i.result", "n.a", isStatic: true);

        Assert.Equal((cost, true), (Estimate(graph, inputs).Total, Estimate(graph, inputs).IsKnown));
    }

    [Fact]
    public void A_price_that_depends_on_an_output_counts_as_the_highest_and_says_so()
    {
        var estimate = Estimate(new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", Priced, """{"a": "cheap"}""").Link("s.out", "n.a"));

        Assert.Equal((5, 5L, false), (estimate.Total, estimate.Maximum, estimate.IsKnown));
        Assert.Equal((5, CostType.Run, false, "The price depends on 'a', which node s (StepBlock) emits."), Of(estimate, "n"));
    }

    [Fact]
    public void A_part_of_a_value_that_is_linked_makes_all_of_it_unknown()
    {
        var estimate = Estimate(new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x", "value": "no"}""").Node("n", Priced, """{"a": "no"}""").Link("i.result", "n.a_#_k", isStatic: true));

        Assert.Equal((5, false), (estimate.Total, estimate.IsKnown));
    }

    [Fact]
    public void A_linked_pin_that_no_price_asks_for_changes_nothing()
    {
        var estimate = Estimate(new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", Priced, """{"a": "cheap"}""").Link("s.out", "n.b"));

        Assert.Equal((2, true), (estimate.Total, estimate.IsKnown));
    }

    [Theory]
    [InlineData("sys", 4)]
    [InlineData("own", 0)]
    public void Own_credentials_cost_nothing(string id, long cost)
    {
        var masks = Masks("n", "{\"credentials\": {\"id\": \"" + id + "\"}}");

        var estimate = Estimate(new GraphBuilder().Node("n", Model), masks: masks);

        Assert.Equal((cost, true), (estimate.Total, estimate.IsKnown));
    }

    [Theory]
    [InlineData("m1", 4, false)]
    [InlineData("m2", 0, true)]
    public void Without_credentials_it_is_the_price_with_those_of_the_platform(string model, long cost, bool known)
    {
        var estimate = Estimate(new GraphBuilder().Node("n", Model, $$"""{"model": "{{model}}"}"""));

        Assert.Equal((cost, known), (estimate.Total, estimate.IsKnown));
        if (!known) Assert.StartsWith("No credentials are named for 'credentials'", Of(estimate, "n").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_price_by_use_counts_as_its_maximum()
    {
        var metered = FakeBlocks.Step with { Costs = [new CostRule(2, CostType.Second, JsonValues.EmptyObject) { Maximum = 50 }] };

        var estimate = Estimate(new GraphBuilder().Node("n", metered));

        Assert.Equal((50, CostType.Second, false, "It is the most that may be charged; what the block does not use is given back."), Of(estimate, "n"));
        Assert.Equal(50, estimate.Maximum);
    }

    [Fact]
    public void A_node_in_a_loop_or_behind_one_costs_per_execution()
    {
        var estimate = Estimate(new GraphBuilder()
            .Node("first", Priced, """{"a": "cheap"}""").Node("p", FakeBlocks.Step).Node("q", Priced, """{"a": "dear"}""").Node("behind", Priced, """{"a": "dear"}""")
            .Link("first.out", "p.a").Link("p.out", "q.b").Link("q.out", "p.b").Link("q.out", "behind.b"));

        // Two nodes at 5 credits, as often as the limit of a run allows, and one at 2.
        Assert.Equal((12, (2 * 5 * Limit) + 2, false), (estimate.Total, estimate.Maximum, estimate.IsKnown));
        Assert.Equal(["first False", "p True", "q True", "behind True"], Repeats(estimate));
        Assert.Equal((5, CostType.Run, true, "It is in a loop, or follows one."), Of(estimate, "q"));
    }

    [Fact]
    public void What_follows_a_block_that_emits_several_values_costs_per_execution()
    {
        var estimate = Estimate(new GraphBuilder().Node("s", Splitter).Node("n", Priced, """{"a": "dear"}""").Node("m", FakeBlocks.Step).Link("s.out", "n.b").Link("n.out", "m.a"));

        Assert.Equal(["s False", "n True", "m True"], Repeats(estimate));
        Assert.Equal("It follows node s (SplitterBlock), which may emit several values.", Of(estimate, "n").Reason);
        Assert.Equal(5 * Limit, estimate.Maximum);
        Assert.Equal((1, Limit), (estimate.Nodes[0].Executions, estimate.Nodes[1].Executions));
    }

    [Fact]
    public void A_pin_with_several_links_lets_a_node_run_more_than_once()
    {
        var estimate = Estimate(new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", Priced, """{"a": "dear"}""").Link("s.out", "n.b").Link("s.other", "n.b"));

        Assert.Equal(["s False", "n True"], Repeats(estimate));
        Assert.Equal("Several links lead to 'b' of node n.", Of(estimate, "n").Reason);
    }

    [Fact]
    public void Free_nodes_that_repeat_do_not_make_the_price_unknown()
    {
        var estimate = Estimate(new GraphBuilder().Node("n", Priced, """{"a": "dear"}""").Node("s", Splitter).Node("m", FakeBlocks.Step).Link("n.out", "s.a").Link("s.out", "m.a"));

        Assert.Equal((5, 5L, true), (estimate.Total, estimate.Maximum, estimate.IsKnown));
        Assert.Equal(JsonValueKind.Null, estimate.ToJson(100, 1).GetProperty("fees").GetProperty("at_most").ValueKind);
    }

    [Fact]
    public void Sub_agents_are_looked_at_with_what_their_node_gives_them()
    {
        var estimate = WithChild("""{"x": "dear"}""", new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Node("n", Priced).Link("i.result", "n.a", isStatic: true));

        Assert.Equal((5, true), (estimate.Total, estimate.IsKnown));
        Assert.Equal([("agent", null), ("i", "agent"), ("n", "agent"), ("last", null)], estimate.Nodes.Select(node => (node.NodeId, node.AgentNodeId)));
    }

    [Fact]
    public void An_input_of_a_sub_agent_that_an_output_gives_is_not_known()
    {
        var child = new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x", "value": "cheap"}""").Node("n", Priced).Link("i.result", "n.a", isStatic: true);
        var root = new GraphBuilder().Node("s", FakeBlocks.Step).Node("agent", FakeBlocks.Agent, """{"graph_id": "child", "graph_version": 1, "inputs": {"x": "cheap"}}""").Link("s.out", "agent.x");

        var estimate = CostEstimator.Estimate(root.Index(), [new GraphIndex(child.Build("child"), child.Catalogue)], Values("{}"), Masks("none", "{}"), Limit);

        Assert.Equal((5, false), (estimate.Total, estimate.IsKnown));
    }

    [Fact]
    public void What_follows_a_sub_agent_that_emits_several_values_costs_per_execution()
    {
        var child = new GraphBuilder().Node("s", Splitter).Node("o", FakeBlocks.Output, """{"name": "y"}""").Link("s.out", "o.value");

        Assert.Equal(["agent False", "s False", "o True", "last True"], Repeats(WithChild("{}", child)));
    }

    [Fact]
    public void A_node_that_repeats_in_an_agent_that_repeats_counts_as_often_as_both_limits_allow()
    {
        var child = new GraphBuilder().Node("s", Splitter).Node("n", Priced, """{"a": "cheap"}""").Link("s.out", "n.b");
        var root = new GraphBuilder().Node("s", Splitter).Node("agent", FakeBlocks.Agent, """{"graph_id": "child", "graph_version": 1}""").Link("s.out", "agent.x");

        var estimate = CostEstimator.Estimate(root.Index(), [new GraphIndex(child.Build("child"), child.Catalogue)], Values("{}"), Masks("none", "{}"), Limit);

        Assert.Equal([("s", 1L), ("agent", Limit), ("s", Limit), ("n", Limit * Limit)], estimate.Nodes.Select(node => (node.NodeId, node.Executions)));
        Assert.Equal(2L * Limit * Limit, estimate.Maximum);
        Assert.Equal(long.MaxValue, (estimate with { Nodes = [.. Enumerable.Repeat(estimate.Nodes[3] with { Cost = long.MaxValue }, 3)] }).Maximum);
    }

    [Fact]
    public void An_agent_that_runs_itself_or_is_not_there_is_said_to_be()
    {
        var itself = WithChild("{}", new GraphBuilder().Node("again", FakeBlocks.Agent, """{"graph_id": "child", "graph_version": 1}"""));
        var missing = Estimate(new GraphBuilder().Node("agent", FakeBlocks.Agent, """{"graph_id": "gone", "graph_version": 1}"""));

        Assert.Equal((0, null, false, "The agent runs itself."), Of(itself, "again"));
        Assert.Equal((0, null, false, "The agent that it runs is not there, or belongs to another user."), Of(missing, "agent"));
    }

    [Fact]
    public void The_answer_has_the_fees_that_may_be_due()
    {
        var builder = new GraphBuilder();
        for (var i = 0; i < 101; i++) builder.Node($"n{i}", FakeBlocks.Step);

        var fees = Estimate(builder).ToJson(100, 1).GetProperty("fees");

        Assert.Equal("""{"every":100,"credits":1,"at_most":2}""", JsonValues.Compact(fees));
        Assert.Equal(
            """{"total":0,"maximum":0,"known":true,"fees":{"every":100,"credits":3,"at_most":3},"nodes":[{"graph_id":"graph","node_id":"n","agent_node_id":null,"block_id":"block-Step","block_name":"StepBlock","cost":0,"cost_type":null,"known":true,"repeats":false,"executions_at_most":1,"reason":null}]}""",
            JsonValues.Compact(Estimate(new GraphBuilder().Node("n", FakeBlocks.Step).Node("note", FakeBlocks.Note)).ToJson(100, 3)));
    }

    private static CostEstimate WithChild(string inputs, GraphBuilder child)
    {
        var root = new GraphBuilder().Node("agent", FakeBlocks.Agent, $$"""{"graph_id": "child", "graph_version": 1, "inputs": {{inputs}}}""").Node("last", FakeBlocks.Step).Link("agent.y", "last.a");
        return CostEstimator.Estimate(root.Index(), [new GraphIndex(child.Build("child"), child.Catalogue)], Values("{}"), Masks("none", "{}"), Limit);
    }

    private static CostEstimate Estimate(GraphBuilder graph, string inputs = "{}", IReadOnlyDictionary<string, PinValues>? masks = null) =>
        CostEstimator.Estimate(graph.Index(), [], Values(inputs), masks ?? Masks("none", "{}"), Limit);

    private static Dictionary<string, PinValues> Masks(string nodeId, string pins) => new(StringComparer.Ordinal) { [nodeId] = Values(pins) };

    private static PinValues Values(string json)
    {
        var values = new PinValues(StringComparer.Ordinal);
        foreach (var member in JsonValues.Parse(json).EnumerateObject()) values[member.Name] = member.Value;
        return values;
    }

    private static (long Cost, CostType? Type, bool Known, string? Reason) Of(CostEstimate estimate, string nodeId) =>
        Assert.Single(estimate.Nodes, node => node.NodeId == nodeId) is var node ? (node.Cost, node.Type, node.IsKnown, node.Reason) : default;

    private static IEnumerable<string> Repeats(CostEstimate estimate) => estimate.Nodes.Select(node => $"{node.NodeId} {node.Repeats}");
}
