using System.Collections.Immutable;
using System.Text;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

public sealed class GraphDocumentTests
{
    [Fact]
    public void Malformed_JSON_is_refused_with_line_and_column()
    {
        var problem = Assert.Single(Refused("{\n  \"nodes\": [}\n"));

        Assert.Contains("line 2, column 13", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused_without_a_place()
    {
        var refused = Assert.Throws<GraphValidationException>(() => GraphDocument.ReadBundle([(byte)'{', 0xFF, (byte)'}']));

        Assert.Contains("not valid UTF-8", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("line", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "document", "a list")]
    [InlineData("{}", "nodes", "is missing")]
    [InlineData("""{"nodes": {}}""", "nodes", "an object")]
    [InlineData("""{"nodes": [], "links": "x"}""", "links", "text")]
    [InlineData("""{"nodes": [5]}""", "nodes[0]", "the number 5")]
    [InlineData("""{"nodes": [{"block_id": "b"}]}""", "nodes[0].id", "missing or empty")]
    [InlineData("""{"nodes": [{"id": "", "block_id": "b"}]}""", "nodes[0].id", "missing or empty")]
    [InlineData("""{"nodes": [{"id": "a"}]}""", "nodes[0].block_id", "missing or empty")]
    [InlineData("""{"nodes": [{"id": 7, "block_id": "b"}]}""", "nodes[0].id", "the number 7")]
    [InlineData("""{"nodes": [{"id": "a", "block_id": "b", "input_default": []}]}""", "nodes[0].input_default", "a list")]
    [InlineData("""{"nodes": [{"id": "a", "block_id": "b", "metadata": true}]}""", "nodes[0].metadata", "true")]
    [InlineData("""{"nodes": [], "version": "1"}""", "version", "text")]
    [InlineData("""{"nodes": [], "version": -1}""", "version", "the number -1")]
    [InlineData("""{"nodes": [], "is_active": 1}""", "is_active", "the number 1")]
    [InlineData("""{"nodes": [], "links": [null]}""", "links[0]", "null")]
    [InlineData("""{"nodes": [], "links": [{"source_id": "a", "source_name": "o", "sink_id": "b"}]}""", "links[0].sink_name", "missing or empty")]
    [InlineData("""{"nodes": [], "links": [{"source_id": "a", "source_name": "o", "sink_id": "b", "sink_name": "i", "is_static": "no"}]}""", "links[0].is_static", "text")]
    [InlineData("""{"nodes": [], "sub_graphs": {}}""", "sub_graphs", "an object")]
    [InlineData("""{"nodes": [], "sub_graphs": [{"nodes": [{"id": "a"}]}]}""", "sub_graphs[0].nodes[0].block_id", "missing or empty")]
    [InlineData("""{"nodes": [{"id": "a", "block_id": "b"}, {"id": "a", "block_id": "b"}]}""", "nodes", "two nodes have the id 'a'")]
    [InlineData("""{"id": "g", "nodes": [], "sub_graphs": [{"id": "g", "nodes": []}]}""", "sub_graphs", "two graphs have the id 'g' and version 1")]
    public void A_wrong_shape_is_refused_with_its_path(string json, string path, string what)
    {
        var problem = Assert.Single(Refused(json));

        Assert.Equal(path, problem.Path);
        Assert.Contains(what, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_listed()
    {
        var problems = Refused("""{"version": true, "nodes": [{}, 3], "links": [{}]}""");

        Assert.Equal(
            ["version", "nodes[0].id", "nodes[0].block_id", "nodes[1]", "links[0].source_id", "links[0].source_name", "links[0].sink_id", "links[0].sink_name"],
            problems.Select(problem => problem.Path));
    }

    [Fact]
    public void A_thousand_nodes_are_accepted_and_one_more_is_refused()
    {
        Assert.Equal(1_000, Read(WithNodes(1_000)).Root.Nodes.Length);

        var problem = Assert.Single(Refused(WithNodes(1_001)));
        Assert.Equal("nodes", problem.Path);
        Assert.Contains("1001 nodes; at most 1000", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sub_graph_has_the_same_limit()
    {
        var problem = Assert.Single(Refused($$"""{"nodes": [], "sub_graphs": [{{WithNodes(1_001)}}]}"""));

        Assert.Equal("sub_graphs[0].nodes", problem.Path);
    }

    [Fact]
    public void Too_many_graphs_and_too_large_documents_are_refused()
    {
        var graphs = string.Join(',', Enumerable.Repeat("""{"nodes": []}""", GraphLimits.SubGraphs + 1));
        Assert.Equal("sub_graphs", Assert.Single(Refused($$"""{"nodes": [], "sub_graphs": [{{graphs}}]}""")).Path);

        Assert.Throws<GraphValidationException>(() => GraphDocument.ReadBundle(new byte[GraphLimits.DocumentBytes + 1]));
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        var bundle = GraphDocument.ReadBundle([.. Encoding.UTF8.Preamble, .. """{"name": "x", "nodes": []}"""u8]);

        Assert.Equal("x", bundle.Root.Name);
    }

    [Fact]
    public void An_old_template_reads_with_the_defaults_of_what_it_lacks()
    {
        var graph = Read("""
            {"id": "g", "is_template": true, "subgraphs": {}, "nodes": [{"id": "a", "block_id": "b"}],
             "links": [{"id": "l", "source_id": "a", "source_name": "o", "sink_id": "a", "sink_name": "i"}]}
            """).Root;

        Assert.Equal((1, true, "", ""), (graph.Version, graph.IsActive, graph.Name, graph.Description));
        Assert.Equal("{}", JsonValues.Compact(graph.Nodes[0].InputDefault));
        Assert.False(graph.Links[0].IsStatic);
    }

    [Fact]
    public void Control_characters_are_stripped_and_tabs_stay()
    {
        var graph = Read("""{"name": "a\u0000\tb", "nodes": [{"id": "n\u0001", "block_id": "b", "input_default": {"x": "\u007Fy"}}]}""").Root;

        Assert.Equal("a\tb", graph.Name);
        Assert.Equal("n", graph.Nodes[0].Id);
        Assert.Equal("""{"x":"y"}""", JsonValues.Compact(graph.Nodes[0].InputDefault));
    }

    [Fact]
    public void Writing_keeps_the_text_of_numbers_and_the_order_of_members()
    {
        const string Defaults = """{"z":5.0,"a":1e3,"list":[12345678901234567890,0.10],"é":"ü😀"}""";
        var graph = new GraphBuilder().Node("n", FakeBlocks.Step, Defaults, """{"position":{"x":804.8000000000001,"y":-0.0}}""").Link("n.out", "n.a_#_k", isStatic: true).Build() with
        {
            Instructions = "how",
            RecommendedScheduleCron = "0 9 * * *",
            ForkedFromId = "f",
            ForkedFromVersion = 3,
        };

        var read = GraphDocument.Read(GraphDocument.Write(graph));

        Assert.Equal(Defaults, JsonValues.Compact(read.Nodes[0].InputDefault));
        Assert.Equal(GraphDocument.Write(graph), GraphDocument.Write(read));
        Assert.Equal(graph.Links, read.Links);
        Assert.Equal(("how", "0 9 * * *", "f", 3), (read.Instructions, read.RecommendedScheduleCron, read.ForkedFromId, read.ForkedFromVersion));
    }

    private static string WithNodes(int count) =>
        $$"""{"nodes": [{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"id": "n{{i}}", "block_id": "b"}"""))}}]}""";

    private static GraphBundle Read(string json) => GraphDocument.ReadBundle(Encoding.UTF8.GetBytes(json));

    private static ImmutableArray<GraphProblem> Refused(string json) => Assert.Throws<GraphValidationException>(() => Read(json)).Problems;
}
