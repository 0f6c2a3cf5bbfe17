using System.Text;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

/// <summary>Values of up to 512 levels go everywhere, and a deeper one is refused by the name of its pin or input.</summary>
public sealed class DepthTests
{
    public static TheoryData<int> Allowed => [63, 64, 511, 512];

    /// <summary>JSON text of lists within objects within lists.</summary>
    private static string Nested(int levels)
    {
        var text = new StringBuilder();
        for (var level = 0; level < levels; level++) text.Append(level % 2 == 0 ? "[" : """{"a":""");
        text.Append(levels % 2 == 0 ? "1" : "");
        for (var level = levels - 1; level >= 0; level--) text.Append(level % 2 == 0 ? ']' : '}');
        return text.ToString();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(64, false)]
    [InlineData(511, false)]
    [InlineData(512, false)]
    [InlineData(513, true)]
    [InlineData(1000, true)]
    public void A_value_of_more_than_512_levels_is_too_deep(int levels, bool tooDeep)
    {
        var value = levels == 0 ? JsonValues.From(1) : JsonValues.Parse(Nested(levels));

        Assert.Equal(tooDeep, JsonValues.IsTooDeep(value));
        Assert.Equal(tooDeep ? "'p' nests deeper than 512 levels of lists and objects, which is the limit" : null, JsonValues.DepthProblem(value, "p"));
    }

    [Fact]
    public void Brackets_in_texts_and_lists_beside_each_other_are_no_levels()
    {
        Assert.False(JsonValues.IsTooDeep(JsonValues.Array(JsonValues.From(new string('[', 5000)))));
        Assert.False(JsonValues.IsTooDeep(JsonValues.Array(Enumerable.Repeat(JsonValues.EmptyArray, 5000))));
        Assert.False(JsonValues.IsTooDeep(default));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(JsonValues.MaxDocumentDepth)]
    public void A_document_is_read_cleaned_and_written(int levels)
    {
        var text = Nested(levels);

        Assert.Equal(text, JsonValues.Compact(JsonValues.Parse(text)));
        Assert.Equal(text, JsonValues.Compact(JsonValues.Clean(JsonValues.Parse(text.Replace("\"a\"", "\"a\\u0000\"", StringComparison.Ordinal)))));
        Assert.Equal(text, JsonValues.Compact(JsonValues.Parse(text.Replace("\"a\":", "\"a\":0,\"a\":", StringComparison.Ordinal))));
        Assert.False(JsonValues.TryParse(Nested(JsonValues.MaxDocumentDepth + 1), out _));
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    public void Dynamic_pins_lose_nothing_of_a_deep_value(int levels)
    {
        var merged = DynamicPins.Merge(new PinValues(StringComparer.Ordinal) { ["v_#_x"] = JsonValues.Parse(Nested(levels)), ["v_#_y_$_1"] = JsonValues.Parse(Nested(levels)) });

        Assert.Equal($$"""{"x":{{Nested(levels)}},"y":[null,{{Nested(levels)}}]}""", JsonValues.Compact(merged["v"]));
    }

    [Fact]
    public void A_name_with_more_parts_than_a_value_has_levels_is_malformed()
    {
        var (longest, tooLong) = ("v" + string.Concat(Enumerable.Repeat("_#_a", 512)), "v" + string.Concat(Enumerable.Repeat("_#_a", 513)));
        Assert.Equal((false, true), (DynamicPins.HasTooManyParts(longest), DynamicPins.HasTooManyParts(tooLong)));

        var merged = DynamicPins.Merge(new PinValues(StringComparer.Ordinal) { [longest] = JsonValues.From(1) });
        Assert.False(JsonValues.IsTooDeep(merged["v"]));
        Assert.Equal([tooLong], DynamicPins.Merge(new PinValues(StringComparer.Ordinal) { [tooLong] = JsonValues.From(1) }).Keys);

        var problem = Assert.Single(Refused($$$"""{"id": "n", "block_id": "b", "input_default": {"{{{tooLong}}}": 1}}"""));
        Assert.Equal("nodes[0].input_default", problem.Path);
        Assert.Contains("has more than 512 parts", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_run_carries_a_deep_input_through_its_log_and_its_snapshots(int levels)
    {
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Node("n", FakeBlocks.Step).Link("i.result", "n.a_#_x");
        var run = new TestRun(graph, $$"""{"x": {{Nested(levels)}}}""").Start();
        run.Complete("i", $"result={Nested(levels)}");

        var snapshot = run.Run.Snapshot();
        var restored = GraphRun.Restore(run.Graph, RunSpecCodec.Read(RunSpecCodec.Write(run.Spec)), run.Limits, snapshot);
        run.Rebuild();

        Assert.All([run.Run, restored], state => Assert.Equal($$"""{"x":{{Nested(levels)}}}""", JsonValues.Compact(Assert.Single(state.InFlight).Input["a"])));
    }

    [Fact]
    public void A_run_is_refused_for_an_input_or_a_mask_that_is_too_deep()
    {
        var graph = new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Node("n", FakeBlocks.Step).Index();
        var masked = TestRun.Request() with
        {
            Masks = System.Collections.Immutable.ImmutableDictionary<string, PinValues>.Empty.Add("n", new PinValues(StringComparer.Ordinal) { ["b"] = JsonValues.Parse(Nested(513)) }),
        };

        Assert.Equal(["Input 'x' nests deeper than 512 levels of lists and objects, which is the limit."], Problems(graph, TestRun.Request($$"""{"x": {{Nested(513)}}}""")));
        Assert.Equal(["Node n: 'b' nests deeper than 512 levels of lists and objects, which is the limit."], Problems(graph, masked));
    }

    [Fact]
    public void A_graph_is_refused_for_a_constant_that_is_too_deep()
    {
        Assert.Equal(Nested(512), JsonValues.Compact(Read($$$"""{"id": "n", "block_id": "b", "input_default": {"p": {{{Nested(512)}}}}}""").Nodes[0].InputDefault.GetProperty("p")));
        var stored = Read($$$"""{"id": "n", "block_id": "b", "input_default": {"p": {{{Nested(512)}}}}}""");
        Assert.Equal(GraphDocument.Write(stored), GraphDocument.Write(GraphDocument.Read(GraphDocument.Write(stored))));

        var problem = Assert.Single(Refused($$$"""{"id": "n", "block_id": "b", "input_default": {"p": {{{Nested(513)}}}}}"""));
        Assert.Equal("nodes[0].input_default", problem.Path);
        Assert.Contains("'p' nests deeper than 512 levels", problem.Message, StringComparison.Ordinal);
        Assert.Contains("'metadata' nests", Assert.Single(Refused($$$"""{"id": "n", "block_id": "b", "metadata": {"p": {{{Nested(512)}}}}}""")).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Problems(GraphIndex graph, RunRequest request) =>
        Assert.Throws<GraphValidationException>(() => RunPlanner.Plan(graph, request)).Problems.Select(problem => problem.Message);

    private static Graph Read(string node) => GraphDocument.ReadBundle(Document(node)).Root;

    private static System.Collections.Immutable.ImmutableArray<GraphProblem> Refused(string node) => Assert.Throws<GraphValidationException>(() => GraphDocument.ReadBundle(Document(node))).Problems;

    private static byte[] Document(string node) => Encoding.UTF8.GetBytes($$"""{"nodes": [{{node}}], "links": []}""");
}
