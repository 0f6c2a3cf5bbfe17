using System.Collections.Immutable;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.2 and 2.3; decision 23 (depth).</summary>
public sealed class RunPlannerTests
{
    private const string Given = """{"id": "c1", "provider": "p1", "type": "api_key", "title": null}""";

    [Fact]
    public void Inputs_reach_the_input_nodes_of_that_name()
    {
        var spec = Plan(new GraphBuilder().Node("1", FakeBlocks.Input, """{"name": "x"}""").Node("2", FakeBlocks.Input, """{"name": "x", "value": 1}""").Node("3", FakeBlocks.Input, """{"name": "y", "value": 7}"""), """{"x": 5.0}""");

        Assert.Equal(["5.0", "5.0", "7"], spec.Starts.Select(start => JsonValues.Compact(start.Input["value"])));
    }

    [Fact]
    public void Unknown_inputs_are_ignored_and_missing_ones_are_no_error()
    {
        var spec = Plan(new GraphBuilder().Node("1", FakeBlocks.Input, """{"name": "x"}"""), """{"z": 1}""");

        Assert.False(Assert.Single(spec.Starts).Input.ContainsKey("value"));
        Assert.True(spec.Inputs.ContainsKey("z"));
    }

    [Fact]
    public void A_mask_wins_over_an_input()
    {
        var request = TestRun.Request("""{"x": 1}""") with { Masks = Mask("1", "value", "2") };

        Assert.Equal("2", JsonValues.Compact(RunPlanner.Plan(new GraphBuilder().Node("1", FakeBlocks.Input, """{"name": "x"}""").Index(), request).Starts[0].Input["value"]));
    }

    [Theory]
    [InlineData("\"-Infinity\"")]
    [InlineData("\"Infinity\"")]
    public void An_input_of_the_wrong_type_is_refused_by_its_name(string value)
    {
        var number = FakeBlocks.Of("Number", "name:string value:integer?=null", "result:integer", BlockKind.Input);

        var problem = Assert.Single(Refused(new GraphBuilder().Node("1", number, """{"name": "How many"}"""), $$"""{"How many": {{value}}}"""));

        Assert.StartsWith("Input 'How many': 'value'", problem.Message, StringComparison.Ordinal);
        Assert.Equal("1", problem.NodeId);
    }

    [Fact]
    public void A_starting_node_that_cannot_run_with_its_constants_is_refused() =>
        Assert.StartsWith("Node n: 'x' is not an index", Assert.Single(Refused(new GraphBuilder().Node("n", FakeBlocks.Step, """{"a_$_x": 1}"""))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_graph_without_a_starting_node_is_refused() =>
        Assert.Contains("no node to start with", Assert.Single(Refused(new GraphBuilder().Node("s", FakeBlocks.Step).Link("s.out", "s.a").Node("n", FakeBlocks.Note))).Message, StringComparison.Ordinal);

    [Fact]
    public void Required_pins_of_all_nodes_are_checked_and_all_problems_told() =>
        Assert.Equal(["n1", "n2"], Refused(new GraphBuilder().Node("n1", FakeBlocks.Adder).Node("n2", FakeBlocks.Adder)).Select(problem => problem.NodeId));

    [Fact]
    public void A_graph_with_an_unknown_block_is_refused() =>
        Assert.Contains("block gone, which is not known", Assert.Single(Refused(new GraphBuilder().Node("s", FakeBlocks.Step).Unknown("u").Link("s.out", "u.a"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"credentials": null}""")]
    [InlineData("""{"credentials": {}}""")]
    [InlineData("""{"credentials": {"id": "", "provider": "p1", "type": "api_key"}}""")]
    public void Missing_credentials_are_refused_with_the_providers_accepted(string defaults)
    {
        var problem = Assert.Single(Refused(Model(defaults)));

        Assert.Equal(("n", "credentials"), (problem.NodeId, problem.Field));
        Assert.EndsWith("needs credentials of p1 or p2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_that_the_node_names_chooses_the_provider() =>
        Assert.EndsWith("needs credentials of p2", Assert.Single(Refused(Model("""{"model": "m2"}"""))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"c1\"", "must be an object")]
    [InlineData("""{"id": 7, "provider": "p1", "type": "api_key"}""", "must be an object with id, provider and type, each a text")]
    [InlineData("""{"id": "c1", "provider": "other", "type": "api_key"}""", "has credentials of 'other', but takes p1")]
    [InlineData("""{"id": "c1", "provider": "p1", "type": "oauth2"}""", "has credentials of type 'oauth2', but takes api_key")]
    public void Credentials_that_do_not_fit_are_refused(string credentials, string why)
    {
        foreach (var metadata in new[] { "{}", """{"credentials_optional": true}""" })
        {
            var request = TestRun.Request() with { Masks = Mask("n", "credentials", credentials) };
            var problem = Assert.Single(Assert.Throws<GraphValidationException>(() => RunPlanner.Plan(Model("""{"model": "m1"}""", metadata).Index(), request)).Problems);
            Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("c9", "names credentials #c9, which do not exist; select others, or add them again")]
    [InlineData("c2", "names credentials #c2 as api_key of 'p1', but they are api_key of 'p2'")]
    [InlineData("c3", "names credentials #c3 as api_key of 'p1', but they are oauth2 of 'p1'")]
    public void Credentials_that_the_user_does_not_have_or_that_are_others_are_refused_also_where_they_are_optional(string id, string why)
    {
        var known = new Dictionary<string, CredentialFacts>(StringComparer.Ordinal) { ["c1"] = new("p1", "api_key"), ["c2"] = new("p2", "api_key"), ["c3"] = new("p1", "oauth2") };
        foreach (var metadata in new[] { "{}", """{"credentials_optional": true}""" })
        {
            var request = TestRun.Request() with { Credentials = known, Masks = Mask("n", "credentials", Given.Replace("c1", id, StringComparison.Ordinal)) };
            var problem = Assert.Single(Assert.Throws<GraphValidationException>(() => RunPlanner.Plan(Model("""{"model": "m1"}""", metadata).Index(), request)).Problems);
            Assert.Equal(("n", "credentials", $"Node n (ModelBlock): 'credentials' {why}"), (problem.NodeId, problem.Field, problem.Message));
        }

        var fits = TestRun.Request() with { Credentials = known, Masks = Mask("n", "credentials", Given) };
        Assert.Single(RunPlanner.Plan(Model("""{"model": "m1"}""").Index(), fits).Starts);
    }

    [Fact]
    public void The_credentials_that_are_looked_up_are_those_that_would_be_used()
    {
        var graph = Model($$"""{"model": "m1", "credentials": {{Given}}}""").Index();
        Assert.Equal(["c1"], CredentialRules.Named(graph, ImmutableDictionary<string, PinValues>.Empty));
        Assert.Equal(["c2"], CredentialRules.Named(graph, Mask("n", "credentials", Given.Replace("c1", "c2", StringComparison.Ordinal))));
        var optional = Model($$"""{"model": "m1", "credentials": {{Given}}}""", """{"credentials_optional": true}""").Index();
        Assert.Empty(CredentialRules.Named(optional, ImmutableDictionary<string, PinValues>.Empty));
    }

    [Fact]
    public void Credentials_come_from_the_mask_or_else_from_the_node()
    {
        Assert.Equal("c1", Plan(Model($$"""{"model": "m1", "credentials": {{Given}}}""")).Starts[0].Input["credentials"].GetProperty("id").GetString());

        var request = TestRun.Request() with { Masks = Mask("n", "credentials", Given.Replace("c1", "c2", StringComparison.Ordinal)) };
        Assert.Equal("c2", RunPlanner.Plan(Model($$"""{"model": "m1", "credentials": {{Given}}}""").Index(), request).Starts[0].Input["credentials"].GetProperty("id").GetString());
    }

    [Fact]
    public void A_node_whose_optional_credentials_are_missing_is_skipped()
    {
        var graph = Model("{}", """{"credentials_optional": true}""");

        var spec = Plan(graph);

        Assert.Equal(["n"], spec.NodesToSkip);
        var run = new TestRun(graph).Start();
        Assert.Equal([ExecutionStatus.Completed], run.Statuses("n"));
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void A_later_node_whose_optional_credentials_are_missing_is_skipped_when_its_turn_comes()
    {
        var run = new TestRun(new GraphBuilder().Node("s", FakeBlocks.Step).Node("n", FakeBlocks.Model, metadata: """{"credentials_optional": true}""").Node("t", FakeBlocks.Step)
            .Link("s.out", "n.prompt").Link("n.response", "t.a")).Start();

        run.Complete("s", "out=\"hello\"");

        Assert.Equal([ExecutionStatus.Completed], run.Statuses("n"));
        Assert.Equal(["s"], run.Dispatched);
        Assert.Equal(ExecutionStatus.Completed, run.Run.Status);
    }

    [Fact]
    public void Optional_nodes_ignore_the_credentials_of_their_constants() =>
        Assert.Equal(["n"], Plan(Model($$"""{"model": "m1", "credentials": {{Given}}}""", """{"credentials_optional": true}""")).NodesToSkip);

    [Fact]
    public void Optional_nodes_with_credentials_in_the_mask_run() =>
        Assert.Empty(RunPlanner.Plan(Model("""{"model": "m1"}""", """{"credentials_optional": true}""").Index(), TestRun.Request() with { Masks = Mask("n", "credentials", Given) }).NodesToSkip);

    [Fact]
    public void Agents_nest_ten_deep_and_no_deeper()
    {
        var graph = new GraphBuilder().Node("s", FakeBlocks.Step).Index();
        RunRequest At(int depth) => TestRun.Request() with { Parent = new ParentRun(TestRun.Id, TestRun.Id, TestRun.Id, depth) };

        Assert.Equal(10, RunPlanner.Plan(graph, At(9)).Depth);
        Assert.Contains("10 deep; this would be 11", Assert.Throws<GraphValidationException>(() => RunPlanner.Plan(graph, At(10))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_knows_its_parent_and_root_and_a_root_is_its_own()
    {
        var graph = new GraphBuilder().Node("s", FakeBlocks.Step).Index();
        var (parent, node, root) = (new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]), new Guid(3, 0, 0, new byte[8]));

        var child = RunPlanner.Plan(graph, TestRun.Request() with { Parent = new ParentRun(parent, node, root, 0) });
        var alone = RunPlanner.Plan(graph, TestRun.Request());

        Assert.Equal((parent, node, root, 1), (child.ParentRunId, child.ParentNodeExecutionId, child.RootRunId, child.Depth));
        Assert.Equal((null, null, TestRun.Id, 0), (alone.ParentRunId, alone.ParentNodeExecutionId, alone.RootRunId, alone.Depth));
    }

    private static GraphBuilder Model(string defaults, string metadata = "{}")
    {
        var members = JsonValues.Parse(defaults).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)).Prepend(KeyValuePair.Create("prompt", JsonValues.From("p")));
        return new GraphBuilder().Node("n", FakeBlocks.Model, JsonValues.Compact(JsonValues.Object(members)), metadata);
    }

    private static ImmutableDictionary<string, PinValues> Mask(string node, string pin, string value) =>
        ImmutableDictionary<string, PinValues>.Empty.Add(node, new PinValues(StringComparer.Ordinal) { [pin] = JsonValues.Parse(value) });

    private static RunSpec Plan(GraphBuilder graph, string inputs = "{}") => RunPlanner.Plan(graph.Index(), TestRun.Request(inputs));

    private static ImmutableArray<GraphProblem> Refused(GraphBuilder graph, string inputs = "{}") =>
        Assert.Throws<GraphValidationException>(() => Plan(graph, inputs)).Problems;
}
