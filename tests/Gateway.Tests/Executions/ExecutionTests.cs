using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Executions;

public sealed class ExecutionTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_run_is_started_watched_and_read()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var started = await user.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 5, "unknown": true}}"""));
        Assert.Equal((graph.Id(), 1), (started.Text("graph_id"), started.GetProperty("graph_version").GetInt32()));
        Assert.Contains(started.Text("status"), new[] { "QUEUED", "RUNNING", "COMPLETED" });

        var run = await user.EndAsync(started);
        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.Equal("""{"o":[5]}""", run.GetProperty("outputs").GetRawText());
        Assert.Equal("""{"n":5,"unknown":true}""", run.GetProperty("inputs").GetRawText());
        Assert.Equal(2, run.GetProperty("stats").GetProperty("node_exec_count").GetInt32());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("stats").GetProperty("error").ValueKind);
        var nodes = run.GetProperty("node_executions").EnumerateArray().ToList();
        Assert.Equal(["COMPLETED", "COMPLETED"], nodes.Select(node => node.Text("status")!));
        Assert.Equal("""{"result":[5]}""", nodes[0].GetProperty("output_data").GetRawText());
        Assert.All(nodes, node => Assert.Equal(run.Id(), node.Text("graph_exec_id")));
        Assert.EndsWith("Z", run.Text("started_at"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_of_a_start_may_be_left_out()
    {
        var user = server.Anybody();
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(new TestGraph().Node("a", TestGraph.StoreValue, new JsonObject { ["input"] = 1 }))));
        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.Equal("{}", run.GetProperty("outputs").GetRawText());
    }

    [Theory]
    [InlineData("\"true\"")]
    [InlineData("1")]
    [InlineData("{}")]
    public async Task A_dry_run_that_is_no_boolean_is_refused(string value)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var answer = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", JsonNode.Parse($$"""{"inputs": {"n": 5}, "dry_run": {{value}}}"""));
        Assert.Equal(422, answer.Status);
        Assert.Contains("\"dry_run\"", answer.Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("null")]
    public async Task A_start_without_dry_run_is_a_run(string value)
    {
        var user = server.Anybody();
        var run = await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse($$"""{"inputs": {"n": 5}, "dry_run": {{value}}}"""));
        Assert.Equal("COMPLETED", (await user.EndAsync(run)).Text("status"));
    }

    [Fact]
    public async Task A_node_that_fails_says_why_and_the_run_goes_on()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("a", LiveBlocks.Step, new JsonObject { ["fail"] = "no luck" }));
        var run = await user.EndAsync(await user.ExecuteAsync(graph));
        Assert.Equal(("COMPLETED", 1), (run.Text("status"), run.GetProperty("stats").GetProperty("node_error_count").GetInt32()));
        var node = Assert.Single(run.GetProperty("node_executions").EnumerateArray());
        Assert.Equal("FAILED", node.Text("status"));
        Assert.Contains("no luck", node.GetProperty("output_data").GetProperty("error")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_run_has_lost_is_among_its_statistics()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo().Node("a", LiveBlocks.Step, new JsonObject { ["fail"] = "no luck" }).Node("keep", TestGraph.StoreValue).Link("in", "result", "keep", "input").Link("a", "value", "keep", "data"));
        var run = await user.EndAsync(await user.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 5}}""")));

        var warning = Assert.Single(run.GetProperty("stats").GetProperty("warnings").EnumerateArray());
        Assert.Equal(("never_ran", "Store Value", 1), (warning.Text("kind"), warning.Text("node"), warning.GetProperty("waiting_count").GetInt32()));
        Assert.Equal("""["data"]""", warning.GetProperty("missing_pins").GetRawText());
        Assert.Contains(graph.GetProperty("nodes").EnumerateArray(), node => node.Id() == warning.Text("node_id"));
        Assert.Equal(run.GetProperty("stats").GetRawText(), (await user.GetAsync("/api/executions")).Json[0].GetProperty("stats").GetRawText());
    }

    [Fact]
    public async Task A_run_under_way_is_stopped_and_the_answer_is_its_state_before()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting(Guid.NewGuid().ToString()));
        var run = await user.UntilAsync(await user.ExecuteAsync(graph), state => state.Text("status") == "RUNNING");
        var before = await user.PostAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}/stop");
        Assert.Equal((200, "RUNNING"), (before.Status, before.Json.Text("status")));
        Assert.Equal("TERMINATED", (await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}")).Json.Text("status"));
        Assert.Equal("null", (await user.PostAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}/stop")).Text);
        Assert.Equal("null", (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/executions/{run.Id()}/stop")).Text);
    }

    [Fact]
    public async Task The_older_form_of_stop_answers_a_list()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting(Guid.NewGuid().ToString()));
        var run = await user.ExecuteAsync(graph);
        var stopped = await user.PostAsync($"/api/executions?graph_id={graph.Id()}&graph_exec_id={run.Id()}");
        Assert.Equal(run.Id(), Assert.Single(stopped.Json.EnumerateArray()).Id());
        Assert.Equal("[]", (await user.PostAsync($"/api/executions?graph_id={graph.Id()}&graph_exec_id={run.Id()}")).Text);
        Assert.Equal(["missing query.graph_id", "missing query.graph_exec_id"], (await user.PostAsync("/api/executions")).Problems());
    }

    [Fact]
    public async Task A_deleted_run_is_in_no_answer()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var run = await user.EndAsync(await user.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 1}}""")));
        var deleted = await user.DeleteAsync($"/api/executions/{run.Id()}");
        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        (await user.DeleteAsync($"/api/executions/{run.Id()}")).IsError(500);
        (await user.DeleteAsync("/api/executions/no-id")).IsError(500);
        (await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}")).IsDetail(404);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
        Assert.Equal(0, (await user.GetAsync($"/api/graphs/{graph.Id()}/executions")).Json.GetProperty("pagination").GetProperty("total_items").GetInt32());
    }

    [Fact]
    public async Task Runs_come_in_pages_newest_first()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Insert(0, (await user.EndAsync(await user.ExecuteAsync(graph, new JsonObject { ["inputs"] = new JsonObject { ["n"] = i } }))).Id());
        var path = $"/api/graphs/{graph.Id()}/executions";
        AssertPage(ids[..2], "5 3 1 2", (await user.GetAsync(path + "?page_size=2")).Json);
        AssertPage(ids[4..], "5 3 3 2", (await user.GetAsync(path + "?page=3&page_size=2")).Json);
        AssertPage([], "5 3 4 2", (await user.GetAsync(path + "?page=4&page_size=2")).Json);
        AssertPage(ids, "5 1 1 25", (await user.GetAsync(path)).Json);
        AssertPage([], "0 0 1 25", (await user.GetAsync($"/api/graphs/{Guid.NewGuid()}/executions")).Json);
        Assert.Equal(ids, (await user.GetAsync("/api/executions")).Json.EnumerateArray().Select(run => run.Id()));
        Assert.Equal(["greater_than_equal query.page", "less_than_equal query.page_size"], (await user.GetAsync(path + "?page=0&page_size=101")).Problems());
        Assert.Equal(["int_parsing query.page", "greater_than_equal query.page_size"], (await user.GetAsync(path + "?page=x&page_size=0")).Problems());
    }

    [Fact]
    public async Task A_run_of_another_graph_or_of_a_deleted_one_is_not_found()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var other = await user.CreateAsync(TestGraph.Echo());
        var run = await user.EndAsync(await user.ExecuteAsync(graph, JsonNode.Parse("""{"inputs": {"n": 1}}""")));
        (await user.GetAsync($"/api/graphs/{other.Id()}/executions/{run.Id()}")).IsDetail(404);
        (await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{Guid.NewGuid()}")).IsDetail(404);
        await user.DeleteAsync($"/api/graphs/{graph.Id()}");
        (await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}")).IsDetail(404);
    }

    [Fact]
    public async Task Runs_of_a_deleted_graph_are_stopped()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting(Guid.NewGuid().ToString()));
        var run = await user.UntilAsync(await user.ExecuteAsync(graph), state => state.Text("status") == "RUNNING");
        await user.DeleteAsync($"/api/graphs/{graph.Id()}");
        while (true)
        {
            var commit = await server.NextCommitAsync(run.Text("user_id")!);
            var listed = Assert.Single((await user.GetAsync("/api/executions")).Json.EnumerateArray());
            Assert.Equal(run.Id(), listed.Id());
            if (listed.Text("status") == "TERMINATED") break;
            await commit.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Credentials_of_a_start_reach_their_nodes_and_are_shown()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph().Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "x", ["model"] = "gpt-4o" }));
        var refused = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1");
        Assert.Equal(400, refused.Status);
        var detail = refused.Json.GetProperty("detail");
        Assert.Equal("validation_error", detail.Text("type"));
        Assert.Equal(graph.GetProperty("nodes")[0].Id(), detail.GetProperty("node_errors").EnumerateObject().Single().Name);
        Assert.Equal("credentials", detail.GetProperty("node_errors").EnumerateObject().Single().Value.EnumerateObject().Single().Name);

        JsonNode Named(string name) => JsonNode.Parse($$$"""{"openai_api_key_credentials": {"id": "{{{name}}}", "provider": "openai", "type": "api_key", "title": null, "api_key": "sk-by-mistake"}}""")!;
        var unknown = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", new JsonObject { ["credentials_inputs"] = Named("no-such") });
        Assert.Equal(400, unknown.Status);
        Assert.Contains("names credentials #no-such, which do not exist; select others, or add them again", unknown.Text, StringComparison.Ordinal);
        var id = SystemCredentials.Ids["openai"];
        var credentials = Named(id);
        var run = await user.EndAsync(await user.ExecuteAsync(graph, new JsonObject { ["credentials_inputs"] = credentials }));
        Assert.Equal($$"""{"id":"{{id}}","title":null,"provider":"openai","type":"api_key"}""", run.GetProperty("credential_inputs").GetProperty("openai_api_key_credentials").GetRawText());
        Assert.DoesNotContain("sk-by-mistake", run.GetRawText(), StringComparison.Ordinal);
        var node = Assert.Single(run.GetProperty("node_executions").EnumerateArray());
        Assert.Equal($$"""{"id":"{{id}}","provider":"openai","type":"api_key"}""", node.GetProperty("input_data").GetProperty("credentials").GetRawText());
    }

    [Fact]
    public async Task A_start_that_cannot_be_is_refused()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/execute/1")).IsError(400);
        (await user.PostAsync("/api/graphs/no-id/execute/1")).IsError(400);
        (await user.PostAsync($"/api/graphs/{graph.Id()}/execute/7")).IsError(400);
        Assert.Equal(["int_parsing path.graph_version"], (await user.PostAsync($"/api/graphs/{graph.Id()}/execute/latest")).Problems());
        Assert.Equal(
            ["dict_type body.inputs", "missing body.credentials_inputs.key.id", "missing body.credentials_inputs.key.provider", "literal_error body.credentials_inputs.key.type", "literal_error body.source"],
            (await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", JsonNode.Parse("""{"inputs": [], "credentials_inputs": {"key": {"type": "magic"}}, "source": "x"}"""))).Problems());
        (await user.PostAsync($"/api/graphs/{(await user.CreateAsync(new TestGraph())).Id()}/execute/1")).IsError(400);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }

    private static void AssertPage(List<string> ids, string place, JsonElement page)
    {
        Assert.Equal(ids, page.GetProperty("executions").EnumerateArray().Select(run => run.Id()));
        Assert.Equal(place, string.Join(' ', page.GetProperty("pagination").EnumerateObject().Select(member => member.Value)));
    }
}
