using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using static Grainflow.Engine.Tests.Graphs.GraphImportTests;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.8; quirk 3 of block-tiers.</summary>
public sealed class SubGraphLinkingTests
{
    [Fact]
    public void An_agent_node_follows_the_new_id_of_the_graph_it_names()
    {
        var bundle = Import(Root(AgentDefaults("sub", 2, "x", "y")), Sub("sub", 2, "x", "y")).Bundle;

        Assert.Equal(bundle.SubGraphs[0].Id, GraphIdOf(bundle));
    }

    [Fact]
    public void An_unknown_id_is_linked_by_version_and_equal_pins()
    {
        var bundle = Import(Root(AgentDefaults("elsewhere", 2, "x", "y")), Sub("s1", 1, "x", "y"), Sub("s2", 2, "x", "z"), Sub("s3", 2, "x", "y")).Bundle;

        Assert.Equal(bundle.SubGraphs[2].Id, GraphIdOf(bundle));
        Assert.Equal(2, Defaults(bundle.Root.Nodes[0], "graph_version").GetInt32());
    }

    [Fact]
    public void Of_several_that_fit_the_one_of_the_same_name_is_taken()
    {
        var bundle = Import(Root(AgentDefaults("elsewhere", 1, "x", "y", "\"agent_name\": \"Test s2\",")), Sub("s1", 1, "x", "y"), Sub("s2", 1, "x", "y")).Bundle;

        Assert.Equal(bundle.SubGraphs[1].Id, GraphIdOf(bundle));
    }

    [Fact]
    public void Two_versions_of_one_graph_are_two_graphs()
    {
        var bundle = Import(Root(AgentDefaults("s", 1, "x", "y")), Sub("s", 1, "x", "y"), Sub("s", 2, "x", "y")).Bundle;

        Assert.Equal([1, 2], bundle.SubGraphs.Select(graph => graph.Version));
        Assert.Equal(bundle.SubGraphs[0].Id, bundle.SubGraphs[1].Id);
        Assert.Equal(bundle.SubGraphs[0].Id, GraphIdOf(bundle));
    }

    [Theory]
    [InlineData("elsewhere", 9, "x", "y")]
    [InlineData("elsewhere", 1, "x", "other")]
    [InlineData("elsewhere", 1, "other", "y")]
    [InlineData("s", 9, "x", "y")]
    public void A_missing_sub_graph_is_refused_with_its_node(string id, int version, string input, string output)
    {
        var problem = Assert.Single(Refused(Root(AgentDefaults(id, version, input, output)), Sub("s", 1, "x", "y")));

        Assert.Equal(("agent", "graph_id"), (problem.NodeId, problem.Field));
        Assert.Contains($"Node agent (Agent Executor) runs graph {id} version {version}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_node_without_a_graph_is_refused()
    {
        var problem = Assert.Single(Refused(Root("""{"graph_id": "s"}"""), Sub("s", 1, "x", "y")));

        Assert.Equal("agent", problem.NodeId);
        Assert.Contains("'graph_version'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sub_graph_of_a_sub_graph_is_found_in_the_same_list()
    {
        var middle = Root(AgentDefaults("elsewhere", 7, "p", "q")) with { Id = "m" };

        var bundle = Import(Root(AgentDefaults("m", 1, "", "")), middle, Sub("deep", 7, "p", "q")).Bundle;

        Assert.Equal(bundle.SubGraphs[1].Id, Defaults(bundle.SubGraphs[0].Nodes[0], "graph_id").GetString());
    }

    [Fact]
    public void The_new_owner_runs_the_agent_and_missing_inputs_become_an_empty_object()
    {
        var node = Import(Root(AgentDefaults("s", 1, "x", "y", "\"user_id\": \"stranger\", \"inputs\": null,")), Sub("s", 1, "x", "y")).Bundle.Root.Nodes[0];

        Assert.Equal("the-user", Defaults(node, "user_id").GetString());
        Assert.Equal("{}", JsonValues.Compact(Defaults(node, "inputs")));
    }

    [Fact]
    public void Inputs_that_are_there_stay()
    {
        var node = Import(Root(AgentDefaults("s", 1, "x", "y", "\"inputs\": {\"x\": 5.0},")), Sub("s", 1, "x", "y")).Bundle.Root.Nodes[0];

        Assert.Equal("""{"x":5.0}""", JsonValues.Compact(Defaults(node, "inputs")));
    }

    [Fact]
    public void Links_of_an_agent_node_are_checked_against_its_own_schemas()
    {
        Graph Linked(string source, string sink) => new GraphBuilder()
            .Node("agent", FakeBlocks.Agent, AgentDefaults("s", 1, "Any text, spaces_#_too", "y")).Node("step", FakeBlocks.Step)
            .Link("step.out", "agent." + sink).Link("agent." + source, "step.a").Build();

        Assert.Equal(2, Import(Linked("y", "Any text, spaces_#_too"), Sub("s", 1, "", "y")).Bundle.Root.Links.Length);
        Assert.Equal(["inputs", "graph_id"], Refused(Linked("graph_id", "inputs"), Sub("s", 1, "", "y")).Select(problem => problem.Field));
    }

    private static Graph Root(string defaults) => new GraphBuilder().Node("agent", FakeBlocks.Agent, defaults).Build("root");

    private static string? GraphIdOf(GraphBundle bundle) => Defaults(bundle.Root.Nodes[0], "graph_id").GetString();
}
