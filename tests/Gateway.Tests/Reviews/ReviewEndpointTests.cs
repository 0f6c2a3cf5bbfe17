using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Reviews;

/// <summary>The review inbox over REST (contract: semantics 2.12, section Review).</summary>
public sealed class ReviewEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly string[] Members =
    [
        "node_exec_id", "node_id", "user_id", "graph_exec_id", "graph_id", "graph_version", "payload", "instructions", "editable", "status", "review_message", "was_edited", "processed",
        "created_at", "updated_at", "reviewed_at", "session_id", "library_agent_id",
    ];

    [Fact]
    public async Task A_review_is_listed_decided_and_its_run_goes_on()
    {
        var user = server.Anybody();
        var (_, run) = await PausedAsync(user);

        var pending = Assert.Single((await user.GetAsync("/api/review/pending")).Json.EnumerateArray());
        Assert.Equal(Members, pending.EnumerateObject().Select(member => member.Name));
        Assert.Equal((run.Id(), "WAITING", "Check it", true), (pending.Text("graph_exec_id"), pending.Text("status"), pending.Text("instructions"), pending.GetProperty("editable").GetBoolean()));
        Assert.Equal("""{"to":"ada"}""", pending.GetProperty("payload").GetRawText());

        var answer = await ActAsync(user, Item(pending, approved: true, data: """{"to": "grace"}"""));
        Assert.Equal("""{"approved_count":1,"rejected_count":0,"failed_count":0,"error":null}""", answer.Text);
        var ended = await user.EndAsync(run);

        Assert.Equal(("COMPLETED", """{"to":"grace"}"""), (ended.Text("status"), ended.GetProperty("outputs").GetProperty("sent")[0].GetRawText()));
        Assert.Equal("[]", (await user.GetAsync("/api/review/pending")).Text);
        var decided = Assert.Single((await user.GetAsync($"/api/review/execution/{run.Id()}")).Json.EnumerateArray());
        Assert.Equal(("APPROVED", true, true), (decided.Text("status"), decided.GetProperty("was_edited").GetBoolean(), decided.GetProperty("processed").GetBoolean()));
        Assert.Equal(409, (await ActAsync(user, Item(pending, approved: true))).Status);
    }

    [Fact]
    public async Task Reviews_are_their_owners_alone()
    {
        var (user, other) = (server.Anybody(), server.Anybody());
        var (_, run) = await PausedAsync(user);
        var pending = Assert.Single((await user.GetAsync("/api/review/pending")).Json.EnumerateArray());

        Assert.Equal("[]", (await other.GetAsync("/api/review/pending")).Text);
        Assert.Equal(404, (await other.GetAsync($"/api/review/execution/{run.Id()}")).Status);
        var refused = await ActAsync(other, Item(pending, approved: true));
        Assert.Equal((404, $$"""{"detail":"Review #{{pending.Text("node_exec_id")}} not found."}"""), (refused.Status, refused.Text));
    }

    [Fact]
    public async Task Decisions_that_are_not_possible_are_refused_with_the_reason()
    {
        var user = server.Anybody();
        await PausedAsync(user);
        await PausedAsync(user);
        var pending = (await user.GetAsync("/api/review/pending?page_size=2")).Json.EnumerateArray().ToList();

        Assert.Equal(409, (await ActAsync(user, Item(pending[0], approved: true), Item(pending[1], approved: true))).Status);
        Assert.Equal(422, (await ActAsync(user)).Status);
        Assert.Equal(422, (await ActAsync(user, Item(pending[0], approved: true), Item(pending[0], approved: false))).Status);
        var tooLong = await ActAsync(user, Item(pending[0], approved: false, message: new string('x', 2001)));
        Assert.Equal((422, true), (tooLong.Status, tooLong.Text.Contains("String should have at most 2000 characters", StringComparison.Ordinal)));
        var deep = await ActAsync(user, Item(pending[0], approved: true, data: new string('[', 11) + new string(']', 11)));
        Assert.Equal((422, true), (deep.Status, deep.Text.Contains("at most 10 levels", StringComparison.Ordinal)));
        Assert.Equal(422, (await ActAsync(user, Item(pending[0], approved: true, data: $"\"{new string('x', 1_000_000)}\""))).Status);
        var same = await ActAsync(user, Item(pending[0], approved: true, data: """{"to": "ada"}"""));
        Assert.Equal((400, true), (same.Status, same.Text.Contains("are the data under review", StringComparison.Ordinal)));
        Assert.Equal(422, (await user.GetAsync("/api/review/pending?page_size=101")).Status);
        Assert.Equal(2, (await user.GetAsync("/api/review/pending")).Json.GetArrayLength());
    }

    [Fact]
    public async Task A_run_in_review_is_stopped_over_REST()
    {
        var user = server.Anybody();
        var (graph, run) = await PausedAsync(user);

        var stopped = await user.PostAsync($"/api/graphs/{graph.Id()}/executions/{run.Id()}/stop");

        Assert.Equal((200, "REVIEW"), (stopped.Status, stopped.Json.Text("status")));
        Assert.Equal("TERMINATED", (await user.EndAsync(run)).Text("status"));
        Assert.Equal("[]", (await user.GetAsync("/api/review/pending")).Text);
    }

    [Fact]
    public async Task The_settings_of_a_graph_switch_reviews_off()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(Asking());

        var changed = await user.SendAsync(HttpMethod.Patch, $"/api/graphs/{graph.Id()}/settings", """{"human_in_the_loop_safe_mode": false}""");
        Assert.Equal((200, """{"human_in_the_loop_safe_mode":false,"sensitive_action_safe_mode":false}"""), (changed.Status, changed.Text));
        Assert.Equal("COMPLETED", (await user.EndAsync(await user.ExecuteAsync(graph))).Text("status"));
        Assert.Equal(404, (await server.Anybody().SendAsync(HttpMethod.Patch, $"/api/graphs/{graph.Id()}/settings", "{}")).Status);
        Assert.Equal(422, (await user.SendAsync(HttpMethod.Patch, $"/api/graphs/{graph.Id()}/settings", """{"sensitive_action_safe_mode": "yes"}""")).Status);
    }

    private static JsonObject Item(JsonElement review, bool approved, string? data = null, string? message = null) => new()
    {
        ["node_exec_id"] = review.Text("node_exec_id"),
        ["approved"] = approved,
        ["message"] = message,
        ["reviewed_data"] = data is null ? null : JsonNode.Parse(data),
    };

    private static Task<Answer> ActAsync(ApiClient user, params JsonNode[] items) => user.PostAsync("/api/review/action", new JsonObject { ["reviews"] = new JsonArray(items) });

    private static async Task<(JsonElement Graph, JsonElement Run)> PausedAsync(ApiClient user)
    {
        var graph = await user.CreateAsync(Asking());
        var run = await user.ExecuteAsync(graph);
        await user.UntilAsync(run, state => state.Text("status") == "REVIEW");
        return (graph, run);
    }

    private static TestGraph Asking() => new TestGraph("Asks")
        .Node("ask", "8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d", new JsonObject { ["name"] = "Check it", ["data"] = new JsonObject { ["to"] = "ada" } })
        .Node("sent", TestGraph.Output, "sent").Link("ask", "approved_data", "sent", "value");
}
