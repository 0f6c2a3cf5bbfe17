using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Graphs;

public sealed class GraphTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_created_graph_has_new_ids_links_that_follow_them_and_schemas()
    {
        var graph = await server.Anybody().CreateAsync(TestGraph.Echo());
        var nodes = graph.GetProperty("nodes").EnumerateArray().ToList();
        var link = graph.GetProperty("links")[0];
        Assert.All(nodes, node => Assert.True(Guid.TryParse(node.Id(), out _)));
        Assert.Equal(nodes[0].Id(), link.Text("source_id"));
        Assert.Equal(nodes[1].Id(), link.Text("sink_id"));
        Assert.True(link.GetProperty("is_static").GetBoolean());
        Assert.Equal(link.Id(), nodes[0].GetProperty("output_links")[0].Id());
        Assert.Equal(link.Id(), nodes[1].GetProperty("input_links")[0].Id());
        Assert.Equal(1, graph.GetProperty("version").GetInt32());
        Assert.Equal("n", graph.GetProperty("input_schema").GetProperty("required")[0].GetString());
        Assert.Equal("o", graph.GetProperty("output_schema").GetProperty("properties").EnumerateObject().Single().Name);
        Assert.Equal(JsonValueKind.Null, graph.GetProperty("trigger_setup_info").ValueKind);
    }

    [Fact]
    public async Task What_was_created_reads_the_same()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo().Set("instructions", "Use it").Set("recommended_schedule_cron", "0 9 * * *"));
        Assert.Equal(graph.GetRawText(), (await user.GetAsync($"/api/graphs/{graph.Id()}")).Text);
        Assert.Equal(graph.GetRawText(), (await user.GetAsync($"/api/graphs/{graph.Id()}/versions/1")).Text);
        Assert.Equal(graph.GetRawText(), (await user.GetAsync($"/api/graphs/{graph.Id()}/versions")).Json[0].GetRawText());
        Assert.Equal("Use it", graph.Text("instructions"));
    }

    [Fact]
    public async Task Numbers_keep_their_text()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("a", TestGraph.StoreValue, new JsonObject { ["input"] = JsonNode.Parse("5.0") }));
        Assert.Equal("5.0", graph.GetProperty("nodes")[0].GetProperty("input_default").GetProperty("input").GetRawText());
    }

    [Fact]
    public async Task A_graph_needs_neither_nodes_nor_ids()
    {
        var user = server.Anybody();
        var answer = await user.PostAsync("/api/graphs", JsonNode.Parse("""{"graph": {"name": "Empty", "description": "", "version": 3, "nodes": [{"block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": {"name": "o", "value": 1}}]}}"""));
        Assert.Equal(200, answer.Status);
        Assert.Equal(3, answer.Json.GetProperty("version").GetInt32());
        Assert.Equal(200, (await user.PostAsync("/api/graphs", JsonNode.Parse("""{"graph": {"name": "Empty", "description": ""}}"""))).Status);
    }

    [Fact]
    public async Task The_list_has_the_active_version_of_each_graph_and_neither_nodes_nor_links()
    {
        var user = server.Anybody();
        Assert.Equal("[]", (await user.GetAsync("/api/graphs")).Text);
        var first = await user.CreateAsync(TestGraph.Echo("First"));
        var second = await user.CreateAsync(TestGraph.Echo("Second").Set("is_active", false));
        await user.PutAsync($"/api/graphs/{first.Id()}", TestGraph.Echo("First, again").Json());
        var list = (await user.GetAsync("/api/graphs")).Json;
        var meta = Assert.Single(list.EnumerateArray());
        Assert.Equal((first.Id(), 2, "First, again"), (meta.Id(), meta.GetProperty("version").GetInt32(), meta.Text("name")));
        Assert.False(meta.TryGetProperty("nodes", out _) || meta.TryGetProperty("links", out _));
        Assert.NotEqual(second.Id(), meta.Id());
    }

    [Fact]
    public async Task Newer_clients_get_a_list_without_schemas_and_sub_graphs()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo("Slim"));

        var row = Assert.Single((await user.ShapedAsync(HttpMethod.Get, "/api/graphs")).Json.EnumerateArray());

        Assert.Equal(
            "created_at description forked_from_id forked_from_version id instructions is_active name organization_id recommended_schedule_cron team_id user_id version",
            string.Join(' ', row.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)));
        Assert.Equal((graph.Id(), "Slim", graph.Text("created_at")), (row.Id(), row.Text("name"), row.Text("created_at")));
    }

    [Fact]
    public async Task An_update_is_the_next_version_with_new_node_ids()
    {
        var user = server.Anybody();
        var first = await user.CreateAsync(TestGraph.Echo());
        var body = JsonNode.Parse(first.GetRawText())!;
        var second = (await user.PutAsync($"/api/graphs/{first.Id()}", body)).Json;
        Assert.Equal((first.Id(), 2, true), (second.Id(), second.GetProperty("version").GetInt32(), second.GetProperty("is_active").GetBoolean()));
        Assert.Empty(Ids(first).Intersect(Ids(second)));
        Assert.False((await user.GetAsync($"/api/graphs/{first.Id()}/versions/1")).Json.GetProperty("is_active").GetBoolean());

        body["is_active"] = false;
        var third = (await user.PutAsync($"/api/graphs/{first.Id()}", body)).Json;
        Assert.Equal(3, third.GetProperty("version").GetInt32());
        Assert.True((await user.GetAsync($"/api/graphs/{first.Id()}/versions/2")).Json.GetProperty("is_active").GetBoolean());
        Assert.Equal(3, (await user.GetAsync($"/api/graphs/{first.Id()}")).Json.GetProperty("version").GetInt32());
        Assert.Equal([3, 2, 1], (await user.GetAsync($"/api/graphs/{first.Id()}/versions")).Json.EnumerateArray().Select(version => version.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task One_version_is_active()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await user.PutAsync($"/api/graphs/{graph.Id()}", TestGraph.Echo().Json());
        var answer = await user.PutAsync($"/api/graphs/{graph.Id()}/versions/active", new JsonObject { ["active_graph_version"] = 1 });
        Assert.Equal((200, "null"), (answer.Status, answer.Text));
        Assert.Equal(1, Assert.Single((await user.GetAsync("/api/graphs")).Json.EnumerateArray()).GetProperty("version").GetInt32());
        (await user.PutAsync($"/api/graphs/{graph.Id()}/versions/active", new JsonObject { ["active_graph_version"] = 9 })).IsDetail(404);
    }

    [Fact]
    public async Task A_deleted_graph_is_gone_with_all_its_versions()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await user.PutAsync($"/api/graphs/{graph.Id()}", TestGraph.Echo().Json());
        Assert.Equal("""{"version_counts":2}""", (await user.DeleteAsync($"/api/graphs/{graph.Id()}")).Text);
        Assert.Equal("""{"version_counts":0}""", (await user.DeleteAsync($"/api/graphs/{graph.Id()}")).Text);
        (await user.GetAsync($"/api/graphs/{graph.Id()}")).IsDetail(404);
        Assert.Equal("[]", (await user.GetAsync("/api/graphs")).Text);
    }

    [Fact]
    public async Task An_agent_brings_its_sub_graphs_and_an_update_keeps_them()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(WithChild());
        var child = Assert.Single(graph.GetProperty("sub_graphs").EnumerateArray());
        var node = graph.GetProperty("nodes")[0].GetProperty("input_default");
        Assert.Equal(child.Id(), node.Text("graph_id"));
        Assert.NotEqual("child", child.Id());
        Assert.True(child.TryGetProperty("input_schema", out _) && !child.TryGetProperty("user_id", out _));
        Assert.Equal("Echo", (await user.GetAsync($"/api/graphs/{child.Id()}")).Json.Text("name"));

        var updated = (await user.PutAsync($"/api/graphs/{graph.Id()}", JsonNode.Parse(graph.GetRawText())!)).Json;
        Assert.Equal(child.Id(), Assert.Single(updated.GetProperty("sub_graphs").EnumerateArray()).Id());
        var reference = JsonNode.Parse(graph.GetRawText())!;
        reference["sub_graphs"] = new JsonArray();
        Assert.Equal(200, (await user.PutAsync($"/api/graphs/{graph.Id()}", reference)).Status);
    }

    [Fact]
    public async Task An_agent_of_somebody_else_cannot_be_named()
    {
        var child = await server.Anybody().CreateAsync(TestGraph.Echo());
        var defaults = new JsonObject { ["graph_id"] = child.Id(), ["graph_version"] = 1, ["input_schema"] = new JsonObject(), ["output_schema"] = new JsonObject() };
        var answer = await server.Anybody().PostAsync("/api/graphs", new JsonObject { ["graph"] = new TestGraph().Node("run", TestGraph.Agent, defaults).Json() });
        answer.IsError(400);
        Assert.Contains(child.Id(), answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_has_no_secrets_and_no_owner()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph()
            .Node("key", TestGraph.TextInput, new JsonObject { ["name"] = "key", ["secret"] = true, ["value"] = "hidden" })
            .Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "x", ["credentials"] = new JsonObject { ["id"] = "1", ["provider"] = "openai", ["type"] = "api_key" } }));
        Assert.Contains("hidden", (await user.GetAsync($"/api/graphs/{graph.Id()}")).Text, StringComparison.Ordinal);
        var export = await user.GetAsync($"/api/graphs/{graph.Id()}?for_export=true");
        Assert.DoesNotContain("hidden", export.Text, StringComparison.Ordinal);
        Assert.Equal("", export.Json.Text("user_id"));
        Assert.All(export.Json.GetProperty("nodes").EnumerateArray(), node => Assert.False(node.GetProperty("input_default").TryGetProperty("credentials", out _)));
    }

    [Fact]
    public async Task Credentials_are_asked_for_once_per_provider()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph()
            .Node("a", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "x", ["model"] = "gpt-4o" })
            .Node("b", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "y", ["model"] = "gpt-4o-mini" }));
        var schema = graph.GetProperty("credentials_input_schema");
        var key = Assert.Single(schema.GetProperty("properties").EnumerateObject());
        Assert.Equal("openai_api_key_credentials", key.Name);
        Assert.Equal("openai_api_key_credentials", Assert.Single(schema.GetProperty("required").EnumerateArray()).GetString());
        Assert.Equal(["gpt-4o", "gpt-4o-mini"], key.Value.GetProperty("discriminator_values").EnumerateArray().Select(value => value.GetString()!));
    }

    private static TestGraph WithChild() => new TestGraph("Parent")
        .Node("run", TestGraph.Agent, new JsonObject
        {
            ["graph_id"] = "child",
            ["graph_version"] = 1,
            ["input_schema"] = JsonNode.Parse("""{"properties": {"n": {}}}"""),
            ["output_schema"] = JsonNode.Parse("""{"properties": {"o": {}}}"""),
        })
        .SubGraph(TestGraph.Echo().Set("id", "child").Set("version", 1));

    private static IEnumerable<string> Ids(JsonElement graph) => graph.GetProperty("nodes").EnumerateArray().Select(node => node.Id());
}
