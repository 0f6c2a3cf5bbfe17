using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Tests.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Projection;

/// <summary>Semantics 2.11 "outputs"; quirk 12 of block-tiers.</summary>
public sealed class GraphResultsTests
{
    private static readonly GraphIndex Graph = new GraphBuilder().Node("o", FakeBlocks.Output, """{"name": "n"}""").Node("s", FakeBlocks.Step).Index();

    [Fact]
    public void Values_are_listed_by_name_in_the_order_in_which_they_were_queued() =>
        Assert.Equal("""{"b":[1,3],"a":[2]}""", Results(Node(3, """{"name": "b", "value": 3}"""), Node(1, """{"name": "b", "value": 1}"""), Node(2, """{"name": "a", "value": 2}""")));

    [Theory]
    [InlineData(ExecutionStatus.Incomplete, false)]
    [InlineData(ExecutionStatus.Queued, true)]
    [InlineData(ExecutionStatus.Running, true)]
    [InlineData(ExecutionStatus.Completed, true)]
    [InlineData(ExecutionStatus.Failed, true)]
    [InlineData(ExecutionStatus.Terminated, true)]
    [InlineData(ExecutionStatus.Review, true)]
    public void Any_status_but_INCOMPLETE_counts(ExecutionStatus status, bool counts) =>
        Assert.Equal(counts ? """{"n":[5.0]}""" : "{}", Results(Node(1, """{"name": "n", "value": 5.0}""", status)));

    [Fact]
    public void Other_nodes_and_nodes_without_a_name_do_not_count() =>
        Assert.Equal("{}", Results(Node(1, """{"name": "n", "value": 1}""", node: "s"), Node(2, """{"value": 1}"""), Node(3, """{"name": 7, "value": 1}"""), Node(4, """{"name": "n", "value": 1}""", node: "gone")));

    [Fact]
    public void A_missing_value_is_null() => Assert.Equal("""{"n":[null,null]}""", Results(Node(1, """{"name": "n"}"""), Node(2, """{"name": "n", "value": null}""")));

    [Theory]
    [InlineData("""{"name": "n", "value": 1, "format": "f"}""", """{"n":["formatted"]}""")]
    [InlineData("""{"name": "n", "value": 1, "format": ""}""", """{"n":[1]}""")]
    [InlineData("""{"name": "n", "value": 1}""", """{"n":[1]}""")]
    public void With_a_format_the_formatted_value_is_shown(string input, string expected) =>
        Assert.Equal(expected, Results(Node(1, input, outputs: [KeyValuePair.Create("name", JsonValues.From("n")), KeyValuePair.Create("output", JsonValues.From("formatted"))])));

    [Fact]
    public void Before_the_formatted_value_is_there_the_value_is_shown() =>
        Assert.Equal("""{"n":[1]}""", Results(Node(1, """{"name": "n", "value": 1, "format": "f"}""", ExecutionStatus.Running)));

    [Fact]
    public void The_results_of_a_run_can_be_read_while_it_goes_on()
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step).Node("o", FakeBlocks.Output, """{"name": "n"}""").Link("p.out", "o.value")).Start();

        run.Emit("p", "out=1", "out=2");

        Assert.Equal(["1", "2"], run.Results()["n"].Select(JsonValues.Compact));
    }

    private static FinishedNode Node(
        int queued, string input, ExecutionStatus status = ExecutionStatus.Completed, string node = "o", KeyValuePair<string, System.Text.Json.JsonElement>[]? outputs = null) =>
        new(node, status, TestRun.Begin.AddSeconds(queued), JsonValues.Parse(input), outputs ?? []);

    private static string Results(params FinishedNode[] nodes) => JsonValues.Compact(JsonValues.Object(
        GraphResults.Outputs(Graph, nodes).Select(pair => KeyValuePair.Create(pair.Key, JsonValues.Array(pair.Value)))));
}
