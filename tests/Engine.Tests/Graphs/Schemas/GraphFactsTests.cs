using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

public sealed class GraphFactsTests
{
    private static readonly BlockDefinition Webhook = FakeBlocks.WithCredentials(FakeBlocks.Of("Hook", "repo:string", "event:any", BlockKind.Webhook), required: true) with
    {
        InputSchema = JsonValues.Parse("""{"type": "object", "properties": {"repo": {"type": "string"}, "credentials": {"type": "object"}}, "required": ["credentials", "repo"]}"""),
    };

    [Fact]
    public void A_plain_graph_has_no_flags_and_no_trigger()
    {
        var facts = GraphFacts.Of(new GraphBuilder().Node("a", FakeBlocks.Step).Index(), []);
        Assert.Equal(
            ["input_schema", "output_schema", "has_external_trigger", "has_human_in_the_loop", "has_sensitive_action", "trigger_setup_info", "credentials_input_schema", "sub_graphs"],
            facts.EnumerateObject().Select(member => member.Name));
        Assert.False(facts.GetProperty("has_external_trigger").GetBoolean() || facts.GetProperty("has_human_in_the_loop").GetBoolean() || facts.GetProperty("has_sensitive_action").GetBoolean());
        Assert.True(facts.GetProperty("trigger_setup_info").IsNull());
    }

    [Fact]
    public void Blocks_that_wait_for_people_or_act_sensitively_are_told()
    {
        var facts = GraphFacts.Of(new GraphBuilder().Node("a", FakeBlocks.Of("Ask", "", "", BlockKind.HumanInTheLoop)).Node("b", FakeBlocks.Of("Pay", "", "") with { SensitiveAction = true }).Index(), []);
        Assert.True(facts.GetProperty("has_human_in_the_loop").GetBoolean());
        Assert.True(facts.GetProperty("has_sensitive_action").GetBoolean());
    }

    [Fact]
    public void The_first_webhook_says_what_to_set_up()
    {
        var facts = GraphFacts.Of(new GraphBuilder().Node("a", FakeBlocks.Step).Node("hook", Webhook).Index(), []);
        Assert.True(facts.GetProperty("has_external_trigger").GetBoolean());
        Assert.Equal(
            """{"provider":"p1","config_schema":{"type":"object","properties":{"repo":{"type":"string"}},"required":["repo"]},"credentials_input_name":"credentials"}""",
            JsonValues.Compact(facts.GetProperty("trigger_setup_info")));
    }

    [Fact]
    public void Sub_graphs_are_named_and_their_credentials_asked_for()
    {
        var child = new GraphBuilder().Node("m", FakeBlocks.Model, """{"model": "m2"}""");
        var facts = GraphFacts.Of(new GraphBuilder().Node("a", FakeBlocks.Step).Index(), [new GraphIndex(child.Build("child", 4), child.Catalogue)]);
        Assert.Equal("""[{"id":"child","version":4}]""", JsonValues.Compact(facts.GetProperty("sub_graphs")));
        Assert.Equal("p2_api_key_credentials", Assert.Single(facts.GetProperty("credentials_input_schema").GetProperty("properties").EnumerateObject()).Name);
        Assert.False(facts.GetProperty("has_external_trigger").GetBoolean());
    }
}
