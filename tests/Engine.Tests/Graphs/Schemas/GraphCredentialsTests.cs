using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

public sealed class GraphCredentialsTests
{
    private static readonly BlockDefinition Request = FakeBlocks.Of("Request", "url:string", "body:any") with
    {
        Inputs =
        [
            .. FakeBlocks.Of("Request", "url:string", "").Inputs,
            new PinDefinition { Name = "credentials", Type = PinType.Any, Required = true, Credentials = new CredentialsRequirement { Providers = ["http"], Types = ["host_scoped"], Discriminator = "url" } },
        ],
    };

    [Fact]
    public void Nodes_of_one_provider_share_a_key_and_the_values_that_chose_it_are_told()
    {
        var schema = Schema(new GraphBuilder()
            .Node("a", FakeBlocks.Model, """{"model": "m1"}""").Node("b", FakeBlocks.Model, """{"model": "m1"}""").Node("c", FakeBlocks.Model, """{"model": "m2"}"""));
        Assert.Equal(["p1_api_key_credentials", "p2_api_key_credentials"], Keys(schema));
        Assert.Equal("""["m1"]""", JsonValues.Compact(Property(schema, "p1_api_key_credentials").GetProperty("discriminator_values")));
    }

    [Fact]
    public void Without_a_choice_all_providers_of_the_pin_stand_in_the_key_sorted() =>
        Assert.Equal(["p1-p2_api_key_credentials"], Keys(Schema(new GraphBuilder().Node("a", FakeBlocks.Model))));

    [Fact]
    public void Plain_http_is_grouped_by_host()
    {
        var schema = Schema(new GraphBuilder()
            .Node("a", Request, """{"url": "https://api.example.com/x"}""").Node("b", Request, """{"url": "https://api.example.com/y"}""").Node("c", Request, """{"url": "other"}"""));
        Assert.Equal(["api.example.com-http_host_scoped_credentials", "other-http_host_scoped_credentials"], Keys(schema));
    }

    [Fact]
    public void A_key_is_required_when_one_of_its_nodes_cannot_do_without()
    {
        const string Optional = """{"credentials_optional": true}""";
        Assert.Null(Schema(new GraphBuilder().Node("a", FakeBlocks.Model, metadata: Optional)).Member("required"));
        Assert.Equal(
            """["p1-p2_api_key_credentials"]""",
            JsonValues.Compact(Schema(new GraphBuilder().Node("a", FakeBlocks.Model, metadata: Optional).Node("b", FakeBlocks.Model)).GetProperty("required")));
    }

    [Fact]
    public void A_graph_without_credentials_asks_for_none() =>
        Assert.Equal("""{"properties":{},"title":"TestgraphCredentialsInputSchema","type":"object"}""", JsonValues.Compact(Schema(new GraphBuilder().Node("a", FakeBlocks.Step))));

    [Fact]
    public void Given_credentials_are_laid_over_every_node_of_their_group_without_nulls()
    {
        var builder = new GraphBuilder().Node("a", FakeBlocks.Model, """{"model": "m1"}""").Node("b", FakeBlocks.Model, """{"model": "m2"}""").Node("c", FakeBlocks.Model, """{"model": "m1"}""");
        var masks = GraphCredentials.Masks([builder.Index()], JsonValues.Parse("""{"p1_api_key_credentials": {"id": "1", "title": null}, "unknown": {"id": "2"}}"""));
        Assert.Equal("""{"a":{"credentials":{"id":"1"}},"c":{"credentials":{"id":"1"}}}""", JsonValues.Compact(masks));
    }

    private static JsonElement Schema(GraphBuilder builder) => GraphCredentials.Schema("Test graph", [builder.Index()]);

    private static IEnumerable<string> Keys(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(member => member.Name);

    private static JsonElement Property(JsonElement schema, string key) => schema.GetProperty("properties").GetProperty(key);
}
