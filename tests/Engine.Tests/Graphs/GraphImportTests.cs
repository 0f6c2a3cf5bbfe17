using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Semantics 1.5, 1.8 and 1.9; quirks 3 and 4 of block-tiers.</summary>
public sealed class GraphImportTests
{
    private static readonly FakeCatalogue Catalogue = new(
        FakeBlocks.Input, FakeBlocks.Output, FakeBlocks.Step, FakeBlocks.Adder, FakeBlocks.Store, FakeBlocks.Agent);

    [Fact]
    public void Every_graph_node_and_link_gets_a_new_id_and_links_follow()
    {
        var root = new GraphBuilder().Node("n1", FakeBlocks.Step).Node("n2", FakeBlocks.Step).Link("n1.out", "n2.a").Build("old");

        var imported = Import(root);

        var graph = imported.Bundle.Root;
        Assert.DoesNotContain("old", graph.Id, StringComparison.Ordinal);
        Assert.Equal(["n1", "n2"], graph.Nodes.Select(node => imported.Originals[node.Id].NodeId));
        var link = Assert.Single(graph.Links);
        Assert.Equal((graph.Nodes[0].Id, "out", graph.Nodes[1].Id, "a"), (link.SourceId, link.SourceName, link.SinkId, link.SinkName));
        Assert.All([graph.Id, link.Id, .. graph.Nodes.Select(node => node.Id)], id => Assert.StartsWith("new-", id, StringComparison.Ordinal));
        Assert.Equal(4, new HashSet<string>([graph.Id, link.Id, .. graph.Nodes.Select(node => node.Id)], StringComparer.Ordinal).Count);
    }

    [Fact]
    public void Links_that_leave_a_block_with_static_output_become_static_and_others_keep_their_flag()
    {
        var root = new GraphBuilder()
            .Node("store", FakeBlocks.Store, """{"input": 1}""").Node("step", FakeBlocks.Step).Node("sink", FakeBlocks.Step)
            .Link("store.output", "sink.a").Link("step.out", "sink.b").Link("step.other", "sink.c", isStatic: true).Build();

        Assert.Equal([true, false, true], Import(root).Bundle.Root.Links.Select(link => link.IsStatic));
    }

    [Fact]
    public void A_dangling_link_is_named_with_its_own_id_and_path()
    {
        var root = new GraphBuilder().Node("n1", FakeBlocks.Step).Link("n1.out", "ghost.a").Link("ghost.out", "n1.a").Build();

        var problems = Refused(root);

        Assert.Equal(["links[0].sink_id", "links[1].source_id"], problems.Select(problem => problem.Path));
        Assert.Equal("Link link-0 ends at node ghost, which is not in the graph", problems[0].Message);
        Assert.Equal("Link link-1 starts at node ghost, which is not in the graph", problems[1].Message);
    }

    [Fact]
    public void A_problem_in_a_sub_graph_has_the_path_of_the_sub_graph()
    {
        var root = new GraphBuilder().Node("n1", FakeBlocks.Step).Build();
        var sub = new GraphBuilder().Node("n1", FakeBlocks.Step).Link("n1.out", "ghost.a").Build("sub");

        Assert.Equal("sub_graphs[0].links[0].sink_id", Assert.Single(Refused(root, sub)).Path);
    }

    [Fact]
    public void A_node_with_an_unknown_block_is_kept_as_it_is_with_a_warning()
    {
        var root = new GraphBuilder().Node("n1", FakeBlocks.Step).Unknown("n2", "b-9").Link("n1.out", "n2.text_#_part").Link("n2.ts", "n1.a").Build();
        root = root with { Nodes = root.Nodes.SetItem(1, root.Nodes[1] with { InputDefault = JsonValues.Parse("""{"channel": "x"}"""), Metadata = JsonValues.Parse("""{"customized_name": "Tell them", "own": 1}""") }) };

        var imported = Import(root);

        var kept = imported.Bundle.Root.Nodes[1];
        Assert.Equal(("b-9", """{"channel":"x"}""", """{"customized_name":"Tell them","own":1}"""), (kept.BlockId, JsonValues.Compact(kept.InputDefault), JsonValues.Compact(kept.Metadata)));
        Assert.Equal([(imported.Bundle.Root.Nodes[0].Id, kept.Id), (kept.Id, imported.Bundle.Root.Nodes[0].Id)], imported.Bundle.Root.Links.Select(link => (link.SourceId, link.SinkId)));
        var warning = Assert.Single(imported.Warnings);
        Assert.Equal(("nodes[1].block_id", "n2", "block_id"), (warning.Path, warning.NodeId, warning.Field));
        Assert.Equal(
            "Node n2 \"Tell them\" uses block b-9, which is not known here. It is kept as it is with its inputs channel, text and its outputs ts, "
            + "but the agent cannot run while it is there: remove the node, or put a block in its place",
            warning.Message);
        Assert.Equal(kept.Id, Assert.Single(imported.StoredWarnings()).NodeId);
    }

    [Fact]
    public void A_model_that_is_not_known_is_kept_with_a_warning()
    {
        var block = FakeBlocks.Model with { InputSchema = JsonValues.Parse("""{"properties": {"model": {"llm_model": true, "enum": ["m1", "m2"]}, "prompt": {"type": "string"}}}""") };
        var root = new GraphBuilder().Node("known", block, """{"model": "m2"}""").Node("new", block, """{"model": "m3"}""").Node("unset", block).Build();

        var imported = GraphImport.Import(new GraphBundle(root, []), new FakeCatalogue(block), "the-user", NewIds());

        Assert.Equal("\"m3\"", JsonValues.Compact(Defaults(imported.Bundle.Root.Nodes[1], "model")));
        var warning = Assert.Single(imported.Warnings);
        Assert.Equal(("nodes[1].input_default.model", "new", "model"), (warning.Path, warning.NodeId, warning.Field));
        Assert.Contains("the model 'm3' is not known here; it is kept", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_of_somebody_else_in_the_value_of_a_file_picker_are_cleared_with_a_warning()
    {
        const string Files = """{"a": {"id": "f", "_credentials_id": "theirs"}, "b": [{"id": "g", "_credentials_id": "mine"}], "c": {"id": "h", "_credentials_id": null}}""";
        var root = new GraphBuilder().Node("n", FakeBlocks.Step, Files).Build();
        var sub = new GraphBuilder().Node("m", FakeBlocks.Step, """{"a": [[{"_credentials_id": "theirs"}]]}""").Build("sub");

        var imported = GraphImport.Import(
            new GraphBundle(root, [sub]), Catalogue, "the-user", NewIds(), new GraphImportOptions { KnownCredentials = new HashSet<string>(StringComparer.Ordinal) { "mine" } });

        Assert.Equal(
            """{"a":{"id":"f","_credentials_id":null},"b":[{"id":"g","_credentials_id":"mine"}],"c":{"id":"h","_credentials_id":null}}""", JsonValues.Compact(imported.Bundle.Root.Nodes[0].InputDefault));
        Assert.Equal("""{"a":[[{"_credentials_id":null}]]}""", JsonValues.Compact(imported.Bundle.SubGraphs[0].Nodes[0].InputDefault));
        Assert.Equal(["nodes[0].input_default.a", "sub_graphs[0].nodes[0].input_default.a"], imported.Warnings.Select(warning => warning.Path));
        Assert.Equal("Node n: the file in 'a' was chosen with credentials that are not yours; choose it again", imported.Warnings[0].Message);
    }

    [Fact]
    public void A_pin_that_is_gone_is_named_with_its_node_and_the_pins_there_are()
    {
        var root = new GraphBuilder()
            .Node("n1", FakeBlocks.Step, metadata: """{"customized_name": "My step"}""").Node("n2", FakeBlocks.Adder)
            .Link("n1.result", "n2.a").Link("n1.out", "n2.input2").Build();

        var problems = Refused(root);

        Assert.Equal([("n1", "result", "links[0].source_name"), ("n2", "input2", "links[1].sink_name")], problems.Select(problem => (problem.NodeId!, problem.Field!, problem.Path!)));
        Assert.Contains("node n1 (StepBlock) \"My step\"", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("it has a, b, label", problems[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_for_pins_that_are_gone_are_ignored() =>
        Assert.Single(Import(new GraphBuilder().Node("n1", FakeBlocks.Adder, """{"api_key": "", "format": 1}""").Build()).Bundle.Root.Nodes);

    [Fact]
    public void A_node_is_not_fed_by_its_old_webhook()
    {
        var root = new GraphBuilder().Node("n1", FakeBlocks.Step).Build();

        Assert.Null(Import(root with { Nodes = [root.Nodes[0] with { WebhookId = "w" }] }).Bundle.Root.Nodes[0].WebhookId);
    }

    [Fact]
    public void A_tool_pin_follows_the_node_that_it_names()
    {
        var root = new GraphBuilder().Node("o", FakeBlocks.Step).Node("t", FakeBlocks.Adder)
            .Link("o.tools_^_t_~_a", "t.a").Link("o.tools_^_other_tool_~_label", "t.label").Link("o.tools", "t.b").Build();

        var imported = Import(root).Bundle.Root;

        Assert.Equal([$"tools_^_{imported.Nodes[1].Id}_~_a", "tools_^_other_tool_~_label", "tools"], imported.Links.Select(link => link.SourceName));
    }

    [Fact]
    public void An_agent_that_runs_itself_keeps_doing_so()
    {
        var imported = Import(new GraphBuilder().Node("a", FakeBlocks.Agent, AgentDefaults("me", 3, "", "")).Build("me", 3)).Bundle.Root;

        Assert.Equal(imported.Id, imported.Nodes[0].InputDefault.GetProperty("graph_id").GetString());
    }

    [Fact]
    public void Graphs_without_an_id_get_one_each()
    {
        var bundle = Import(new GraphBuilder().Build(""), Sub("", 1, "x", "y"), Sub("", 1, "p", "q")).Bundle;

        Assert.Equal(3, bundle.All.Select(graph => graph.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Versions_begin_at_1_and_are_kept()
    {
        Assert.Equal(1, Import(new GraphBuilder().Build("g", 0)).Bundle.Root.Version);
        Assert.Equal(58, Import(new GraphBuilder().Build("g", 58)).Bundle.Root.Version);
    }

    internal static string AgentDefaults(string graphId, int version, string input, string output, string more = "") => $$"""
        {"graph_id": "{{graphId}}", "graph_version": {{version}}, {{more}} "input_schema": {{Declares(input)}}, "output_schema": {{Declares(output)}} }
        """;

    private static string Declares(string pin) => pin.Length == 0 ? """{"properties": {}}""" : $$"""{"properties": {"{{pin}}": {} } }""";

    internal static Graph Sub(string id, int version, string input, string output) => new GraphBuilder()
        .Node("i", FakeBlocks.Input, $$"""{"name": "{{input}}"}""").Node("o", FakeBlocks.Output, $$"""{"name": "{{output}}"}""")
        .Link("i.result", "o.value").Build(id, version);

    private static Func<string> NewIds()
    {
        var next = 0;
        return () => $"new-{next++}";
    }

    internal static ImportedGraph Import(Graph root, params Graph[] subGraphs)
    {
        var next = 0;
        return GraphImport.Import(new GraphBundle(root, [.. subGraphs]), Catalogue, "the-user", () => $"new-{next++}");
    }

    internal static ImmutableArray<GraphProblem> Refused(Graph root, params Graph[] subGraphs) =>
        Assert.Throws<GraphValidationException>(() => Import(root, subGraphs)).Problems;

    internal static JsonElement Defaults(GraphNode node, string name) => node.InputDefault.GetProperty(name);
}
