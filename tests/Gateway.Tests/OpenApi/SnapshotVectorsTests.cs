using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.OpenApi;

/// <summary>Answers that were recorded of the reference have the shape of ours.</summary>
public sealed class SnapshotVectorsTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_deleted_graph_tells_its_versions()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        Assert.Equal(Shape(Snapshot("grphs_del.json")), Shape((await user.DeleteAsync($"/api/graphs/{graph.Id()}")).Json));
    }

    [Fact]
    public async Task A_block_that_was_run_groups_its_outputs()
    {
        var snapshot = Snapshot("blks_exec.json");
        var answer = await server.Anybody().PostAsync($"/api/blocks/{LiveBlocks.Step}/execute", new JsonObject { ["value"] = JsonNode.Parse(snapshot.GetProperty("output1")[0].GetRawText()) });
        Assert.Equal(Shape(snapshot.GetProperty("output1")), Shape(answer.Json.GetProperty("value")));
    }

    [Fact]
    public async Task An_output_schema_describes_its_output()
    {
        var snapshot = Snapshot("grph_out_schm.json");
        var wanted = snapshot.GetProperty("properties").GetProperty("out_key");
        var graph = await server.Anybody().CreateAsync(new TestGraph().Node("out", TestGraph.Output, new JsonObject { ["name"] = "out_key", ["description"] = wanted.Text("description") }).Node("v", TestGraph.StoreValue).Link("v", "output", "out", "value"));
        var schema = graph.GetProperty("output_schema");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(wanted.GetRawText()), JsonNode.Parse(schema.GetProperty("properties").GetProperty("out_key").GetRawText())));
        Assert.Equal("out_key", Assert.Single(snapshot.GetProperty("required").EnumerateArray()).GetString());
        Assert.Equal("out_key", Assert.Single(schema.GetProperty("required").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task A_created_graph_keeps_the_structure_of_the_summary()
    {
        var snapshot = Snapshot("grph_struct.json");
        var graph = await server.Anybody().CreateAsync(new TestGraph(snapshot.Text("name")!).Set("description", snapshot.Text("description"))
            .Node("a", TestGraph.StoreValue).Node("b", snapshot.GetProperty("node_blocks")[1].GetString()!, new JsonObject()).Node("c", TestGraph.StoreValue)
            .Link("a", "output", "b", "name"));
        Assert.Equal(snapshot.GetProperty("node_blocks").EnumerateArray().Select(block => block.GetString()), graph.GetProperty("nodes").EnumerateArray().Select(node => node.Text("block_id")));
        Assert.Equal((snapshot.Text("name"), snapshot.Text("description")), (graph.Text("name"), graph.Text("description")));
        var link = Assert.Single(graph.GetProperty("links").EnumerateArray());
        Assert.Equal((snapshot.GetProperty("link_structure")[0].Text("source_name"), snapshot.GetProperty("link_structure")[0].Text("sink_name")), (link.Text("source_name"), link.Text("sink_name")));
    }

    [Fact]
    public async Task Credits_that_an_administrator_took_are_answered_with_the_balance_and_a_key()
    {
        var (user, admin) = (Guid.NewGuid().ToString(), server.For(Guid.NewGuid().ToString(), "admin"));
        await server.For(user).GetAsync("/api/credits");
        var answer = await admin.PostAsync("/api/credits/admin/add_credits", new JsonObject { ["user_id"] = user, ["amount"] = -50, ["comments"] = "Mistake" });
        Assert.Equal(200, answer.Status);
        Assert.Equal(Shape(Snapshot("adm_add_cred_neg.json")), Shape(answer.Json));
    }

    [Fact]
    public async Task The_history_of_all_users_has_the_members_of_the_snapshot()
    {
        var snapshot = Snapshot("adm_usr_hist_ok.json");
        var (user, admin) = (Guid.NewGuid().ToString(), server.For(Guid.NewGuid().ToString(), "admin"));
        await server.For(user).GetAsync("/api/credits");
        await admin.PostAsync("/api/credits/admin/add_credits", new JsonObject { ["user_id"] = user, ["amount"] = -50, ["comments"] = "Mistake" });

        var answer = (await admin.GetAsync($"/api/credits/admin/users_history?search={user}")).Json;

        AssertHas(snapshot, answer);
        Assert.Equal((2, 1, 1, 20), (Page(answer, "total_items"), Page(answer, "total_pages"), Page(answer, "current_page"), Page(answer, "page_size")));
        // A newer version of AutoGPT has these as well.
        Assert.All(answer.GetProperty("history").EnumerateArray(), entry =>
            Assert.Equal(["id", "activity_type", "charges"], entry.EnumerateObject().Select(member => member.Name).Except(snapshot.GetProperty("history")[0].EnumerateObject().Select(member => member.Name))));
        Assert.Equal(["9999-12-31T23:59:59.999999Z"], answer.GetProperty("history").EnumerateArray().Select(entry => entry.Text("usage_start_time")).Distinct());
    }

    [Fact]
    public async Task The_history_of_nobody_is_that_of_the_snapshot()
    {
        var answer = await server.For(Guid.NewGuid().ToString(), "admin").GetAsync("/api/credits/admin/users_history?search=nonexistent");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Snapshot("adm_usr_hist_empty.json").GetRawText()), JsonNode.Parse(answer.Text)), answer.Text);
    }

    private static int Page(JsonElement history, string member) => history.GetProperty("pagination").GetProperty(member).GetInt32();

    /// <summary>Asserts that a value has every member of a snapshot with the same kind of value, where neither is null.</summary>
    private static void AssertHas(JsonElement snapshot, JsonElement value)
    {
        if (JsonValueKind.Null == snapshot.ValueKind || JsonValueKind.Null == value.ValueKind) return;
        Assert.Equal(snapshot.ValueKind, value.ValueKind);
        if (snapshot.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) AssertHas(snapshot[0], item);
        }
        else if (snapshot.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in snapshot.EnumerateObject())
            {
                Assert.True(value.TryGetProperty(member.Name, out var own), $"{member.Name} is missing.");
                AssertHas(member.Value, own);
            }
        }
    }

    private static JsonElement Snapshot(string name) => JsonElement.Parse(File.ReadAllBytes(SharedFiles.Contract(Path.Combine("snapshots", name))));

    private static string Shape(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(member => $"{member.Name}: {Shape(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(" | ", value.EnumerateArray().Select(Shape).Distinct())}]",
        var kind => kind.ToString(),
    };
}
