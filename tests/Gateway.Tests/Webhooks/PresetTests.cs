using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Webhooks;

/// <summary>The routes of presets (contract: endpoints.tsv and errors.tsv, section Library; semantics 8.3).</summary>
public sealed class PresetTests(WebhookServer server) : IClassFixture<WebhookServer>
{
    private const string Path = "/api/library/presets";

    [Fact]
    public async Task A_preset_is_created_read_changed_run_and_deleted()
    {
        var user = server.NewUser();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var created = await user.PostAsync(Path, Body(graph, new JsonObject { ["n"] = 1, ["unknown"] = "kept" }));
        Assert.True(created.Status == 200, created.Text);
        Assert.Equal("graph_id graph_version inputs credentials name description is_active webhook_id id user_id created_at updated_at webhook", created.Members);
        var preset = created.Json;
        Assert.Equal((graph.Id(), 1, true, JsonValueKind.Null), (preset.Text("graph_id"), preset.GetProperty("graph_version").GetInt32(), preset.GetProperty("is_active").GetBoolean(), preset.GetProperty("webhook").ValueKind));
        Assert.Equal("""{"n":1,"unknown":"kept"}""", JsonSerializer.Serialize(preset.GetProperty("inputs")));
        Assert.Equal(created.Text, (await user.GetAsync($"{Path}/{preset.Id()}")).Text);

        var changed = await user.PatchAsync($"{Path}/{preset.Id()}", new JsonObject { ["name"] = "other", ["inputs"] = new JsonObject { ["n"] = 5 }, ["credentials"] = new JsonObject() });
        Assert.Equal(("other", "what for", """{"n":5}"""), (changed.Json.Text("name"), changed.Json.Text("description"), JsonSerializer.Serialize(changed.Json.GetProperty("inputs"))));

        var run = await user.PostAsync($"{Path}/{preset.Id()}/execute");
        Assert.Equal((200, preset.Id()), (run.Status, run.Json.Text("preset_id")));
        Assert.Equal("[5]", JsonSerializer.Serialize((await user.EndAsync(run.Json)).GetProperty("outputs").GetProperty("o")));
        var other = await user.PostAsync($"{Path}/{preset.Id()}/execute", new JsonObject { ["inputs"] = new JsonObject { ["n"] = 6 } });
        Assert.Equal("[6]", JsonSerializer.Serialize((await user.EndAsync(other.Json)).GetProperty("outputs").GetProperty("o")));

        Assert.Equal(204, (await user.DeleteAsync($"{Path}/{preset.Id()}")).Status);
        (await user.GetAsync($"{Path}/{preset.Id()}")).IsDetail(404);
        (await user.DeleteAsync($"{Path}/{preset.Id()}")).IsDetail(404);
        (await user.PatchAsync($"{Path}/{preset.Id()}", new JsonObject { ["name"] = "x" })).IsDetail(404);
        (await user.PostAsync($"{Path}/{preset.Id()}/execute")).IsDetail(404);
    }

    [Fact]
    public async Task Inputs_are_checked_when_the_preset_runs_and_not_before()
    {
        var user = server.NewUser();
        var graph = await user.CreateAsync(new TestGraph("Model").Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "hello" }));
        var preset = (await user.PostAsync(Path, Body(graph, new JsonObject { ["n"] = "no input of the graph" }))).Json;

        var answer = await user.PostAsync($"{Path}/{preset.Id()}/execute");
        answer.IsError(400);
        Assert.StartsWith("Graph validation failed: 1 issue on 1 node:\n  ", answer.Detail, StringComparison.Ordinal);
        await user.DeleteAsync($"/api/graphs/{graph.Id()}");
        (await user.PostAsync($"{Path}/{preset.Id()}/execute")).IsError(403);
        (await user.PatchAsync($"{Path}/{preset.Id()}", new JsonObject { ["name"] = "x" })).IsDetail(410);
    }

    [Fact]
    public async Task A_preset_is_made_of_the_inputs_of_a_run()
    {
        var user = server.NewUser();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var run = await user.ExecuteAsync(graph, new JsonObject { ["inputs"] = new JsonObject { ["n"] = 3 } });

        var answer = await user.PostAsync(Path, new JsonObject { ["graph_execution_id"] = run.Id(), ["name"] = "again", ["description"] = "" });

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((graph.Id(), """{"n":3}"""), (answer.Json.Text("graph_id"), JsonSerializer.Serialize(answer.Json.GetProperty("inputs"))));
        (await user.PostAsync(Path, new JsonObject { ["graph_execution_id"] = Guid.NewGuid().ToString(), ["name"] = "n", ["description"] = "" })).IsDetail(404);
        (await server.NewUser().PostAsync(Path, new JsonObject { ["graph_execution_id"] = run.Id(), ["name"] = "n", ["description"] = "" })).IsDetail(404);
        Assert.Equal(["missing body.name"], (await user.PostAsync(Path, new JsonObject { ["graph_execution_id"] = run.Id(), ["description"] = "" })).Problems());
    }

    [Fact]
    public async Task Presets_are_listed_in_pages_of_a_graph_or_of_all()
    {
        var user = server.NewUser();
        var (one, two) = (await user.CreateAsync(TestGraph.Echo()), await user.CreateAsync(TestGraph.Echo()));
        for (var i = 0; i < 3; i++) await user.PostAsync(Path, Body(one, []));
        await user.PostAsync(Path, Body(two, []));

        var page = (await user.GetAsync($"{Path}?graph_id={one.Id()}&page=2&page_size=2")).Json;

        Assert.Single(page.GetProperty("presets").EnumerateArray());
        Assert.Equal("""{"total_items":3,"total_pages":2,"current_page":2,"page_size":2}""", JsonSerializer.Serialize(page.GetProperty("pagination")));
        Assert.Equal(4, (await user.GetAsync($"{Path}?graph_id=")).Json.GetProperty("presets").GetArrayLength());
        Assert.Equal(0, (await user.GetAsync($"{Path}?graph_id=nothing")).Json.GetProperty("presets").GetArrayLength());
        Assert.Equal(["missing query.graph_id"], (await user.GetAsync(Path)).Problems());
        Assert.Equal(["greater_than_equal query.page"], (await user.GetAsync($"{Path}?graph_id=&page=0")).Problems());
    }

    [Fact]
    public async Task Set_up_answers_410_without_the_graph_400_without_a_trigger_and_400_with_the_feedback()
    {
        var user = server.NewUser();
        var plain = await user.CreateAsync(TestGraph.Echo());
        var issues = await user.CreateAsync(WebhookServer.GitHubGraph());

        (await user.PostAsync(Path + "/setup-trigger", Change(WebhookServer.SetUpBody(plain, []), "graph_id", Guid.NewGuid().ToString()))).IsDetail(410);
        (await user.PostAsync(Path + "/setup-trigger", Change(WebhookServer.SetUpBody(plain, []), "graph_version", 9))).IsDetail(410);
        (await user.PostAsync(Path + "/setup-trigger", WebhookServer.SetUpBody(plain, []))).IsDetail(400);
        var feedback = await user.PostAsync(Path + "/setup-trigger", WebhookServer.SetUpBody(issues, []));
        feedback.IsDetail(400);
        Assert.Equal("Could not set up webhook: Cannot set up github webhook without event filter input: missing input for 'events'", feedback.Detail);
        Assert.Equal(["missing body.name", "missing body.graph_id", "missing body.graph_version", "missing body.trigger_config"], (await user.PostAsync(Path + "/setup-trigger", new JsonObject())).Problems());
    }

    [Fact]
    public async Task The_older_form_of_set_up_names_the_agent_in_the_path()
    {
        var user = server.NewUser();
        var graph = await user.CreateAsync(WebhookServer.GenericGraph());
        var body = new JsonObject { ["name"] = "old", ["trigger_config"] = new JsonObject { ["constants"] = new JsonObject { ["a"] = 1 } } };

        var answer = await user.PostAsync($"/api/library/agents/{graph.Id()}/setup-trigger", body);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((graph.Id(), "", """{"constants":{"a":1}}"""), (answer.Json.Text("graph_id"), answer.Json.Text("description"), JsonSerializer.Serialize(answer.Json.GetProperty("inputs"))));
        Assert.Equal("id user_id provider credentials_id webhook_type resource events config secret provider_webhook_id url", string.Join(' ', answer.Json.GetProperty("webhook").EnumerateObject().Select(member => member.Name)));
        (await server.NewUser().PostAsync($"/api/library/agents/{graph.Id()}/setup-trigger", body.DeepClone())).IsDetail(404);
    }

    [Fact]
    public async Task A_set_up_that_is_sent_again_with_its_key_makes_one_preset()
    {
        var user = server.NewUser();
        var body = WebhookServer.SetUpBody(await user.CreateAsync(WebhookServer.GenericGraph()), []).ToJsonString();
        Task<Answer> SendAsync() => user.SendAsync(HttpMethod.Post, Path + "/setup-trigger", body, request => request.Headers.Add("Idempotency-Key", "set-up"));

        Assert.Equal((await SendAsync()).Text, (await SendAsync()).Text);
        Assert.Equal(1, (await user.GetAsync($"{Path}?graph_id=")).Json.GetProperty("pagination").GetProperty("total_items").GetInt32());
    }

    [Fact]
    public async Task Presets_follow_to_a_new_version_with_the_same_trigger_and_the_answer_names_those_that_stay()
    {
        var user = server.NewUser();
        var preset = await WebhookServer.GenericAsync(user);
        var same = await user.PutAsync($"/api/graphs/{preset.Text("graph_id")}", WebhookServer.GenericGraph().Json());
        Assert.Equal("[]", JsonSerializer.Serialize(same.Json.GetProperty("pinned_presets")));
        Assert.Equal(2, (await user.GetAsync($"{Path}/{preset.Id()}")).Json.GetProperty("graph_version").GetInt32());

        var other = await user.PutAsync($"/api/graphs/{preset.Text("graph_id")}", WebhookServer.GitHubGraph().Json());

        Assert.Equal($$"""[{"id":"{{preset.Id()}}","name":"My preset","pinned_version":2}]""", JsonSerializer.Serialize(other.Json.GetProperty("pinned_presets")));
        Task<Answer> ActivateAsync(int version, string shape) =>
            user.ShapedAsync(HttpMethod.Put, $"/api/graphs/{preset.Text("graph_id")}/versions/active", new JsonObject { ["active_graph_version"] = version }, shape);
        Assert.Equal("null", (await ActivateAsync(1, "0.6.44")).Text);
        Assert.Equal($$"""{"pinned_presets":[{"id":"{{preset.Id()}}","name":"My preset","pinned_version":1}]}""", (await ActivateAsync(3, "0.7")).Text);
        Assert.Equal(1, (await user.GetAsync($"{Path}/{preset.Id()}")).Json.GetProperty("graph_version").GetInt32());
    }

    private static JsonObject Change(JsonObject body, string member, JsonNode value)
    {
        body[member] = value;
        return body;
    }

    private static JsonObject Body(JsonElement graph, JsonObject inputs) => new()
    {
        ["graph_id"] = graph.Id(),
        ["graph_version"] = graph.GetProperty("version").GetInt32(),
        ["inputs"] = inputs,
        ["credentials"] = new JsonObject(),
        ["name"] = "My preset",
        ["description"] = "what for",
    };
}
