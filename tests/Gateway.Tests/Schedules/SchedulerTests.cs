using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>Schedules as triggers of workflows (contract: schedules-others, S4; semantics 5.5).</summary>
public sealed class SchedulerTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_trigger_is_registered_changed_paused_resumed_and_unregistered()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var registered = await RegisterAsync(user, graph);
        Assert.Equal(200, registered.Status);
        Assert.Equal("success message nextRuns warning", registered.Members);
        Assert.True(registered.Json.GetProperty("success").GetBoolean());
        Assert.Equal("Trigger 'nightly' is registered: At 09:00 on Monday (UTC).", registered.Json.Text("message"));
        Assert.Equal(5, registered.Json.GetProperty("nextRuns").GetArrayLength());
        Assert.Contains("Monday in the dialect standard", registered.Json.Text("warning"), StringComparison.Ordinal);

        var changed = await RegisterAsync(user, graph, ("cronExpression", "0 9 * * *"), ("timezone", "Europe/London"), ("maxConcurrent", 1));
        Assert.Equal("Trigger 'nightly' is changed: At 09:00 every day (Europe/London).", changed.Json.Text("message"));
        var schedule = Assert.Single((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
        Assert.Equal(("0 9 * * *", "standard", "skip"), (schedule.Text("cron"), schedule.Text("cron_dialect"), schedule.GetProperty("policy").Text("overlap")));

        Assert.Equal("""{"success":true,"message":"Trigger 'nightly' is paused."}""", (await PostAsync(user, "pause", """{"triggerId": "nightly", "action": "pause"}""")).Text);
        Assert.Empty((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
        Assert.Equal("""{"success":true,"message":"Trigger 'nightly' is resumed."}""", (await PostAsync(user, "pause", """{"triggerId": "nightly", "action": "resume"}""")).Text);
        Assert.Equal("""{"success":true,"message":"Trigger 'nightly' is unregistered."}""", (await PostAsync(user, "unregister", """{"triggerId": "nightly"}""")).Text);
        Assert.Empty((await user.GetAsync("/api/schedules?include_disabled=true")).Json.EnumerateArray());
    }

    [Fact]
    public async Task The_id_of_a_trigger_is_the_owner_s_own()
    {
        var (user, other) = (server.Anybody(), server.Anybody());
        await RegisterAsync(user, await user.CreateAsync(TestGraph.Echo()));
        Assert.Equal("Trigger 'nightly' is registered: At 09:00 on Monday (UTC).", (await RegisterAsync(other, await other.CreateAsync(TestGraph.Echo()))).Json.Text("message"));
    }

    [Fact]
    public async Task A_registration_that_only_validates_stores_nothing()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        Assert.Equal("Trigger 'nightly' is valid: At 09:00 on Monday (UTC).", (await RegisterAsync(user, graph, ("validateOnly", true))).Json.Text("message"));
        Assert.Empty((await user.GetAsync("/api/schedules?include_disabled=true")).Json.EnumerateArray());
        await RegisterAsync(user, graph);
        await RegisterAsync(user, graph, ("validateOnly", true), ("cronExpression", "0 7 * * *"));
        Assert.Equal("0 9 * * 1", Assert.Single((await user.GetAsync("/api/schedules")).Json.EnumerateArray()).Text("cron"));
    }

    [Fact]
    public async Task A_window_is_stored_and_a_registration_without_one_removes_it()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await RegisterAsync(user, graph, ("window", JsonNode.Parse("""{"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}""")));
        Assert.Equal("""{"days":["mon","tue"],"from":"09:00","to":"17:00"}""", (await user.GetAsync("/api/schedules")).Json[0].GetProperty("policy").GetProperty("window").GetRawText());
        await RegisterAsync(user, graph);
        Assert.Equal(JsonValueKind.Null, (await user.GetAsync("/api/schedules")).Json[0].GetProperty("policy").GetProperty("window").ValueKind);
    }

    [Theory]
    [InlineData("cronExpression", "61 * * * *", 400, "cronExpression: minute: 61 is not one of the numbers from 0 to 59.")]
    [InlineData("timezone", "PST", 400, "timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("triggerId", " ", 400, "triggerId: it must have 1 to 200 characters that are not all blank.")]
    [InlineData("workflowId", "mine", 404, "Workflow 'mine' not found.")]
    [InlineData("workflowId", "00000000-0000-4000-8000-000000000000", 404, "Graph #00000000-0000-4000-8000-000000000000 not found.")]
    public async Task What_is_wrong_is_told_in_the_form_of_the_interface(string member, string value, int status, string error)
    {
        var user = server.Anybody();
        var answer = await RegisterAsync(user, await user.CreateAsync(TestGraph.Echo()), (member, value));
        Assert.Equal((status, JsonSerializer.Serialize(new { success = false, error }, Plain)), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_limit_that_is_not_kept_and_another_workflow_are_refused()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        Assert.Equal(400, (await RegisterAsync(user, graph, ("maxConcurrent", 3))).Status);
        await RegisterAsync(user, graph);
        Assert.Equal(409, (await RegisterAsync(user, await user.CreateAsync(TestGraph.Echo()))).Status);
        Assert.Equal("""{"success":false,"error":"Trigger 'none' is not registered."}""", (await PostAsync(user, "unregister", """{"triggerId": "none"}""")).Text);
    }

    [Fact]
    public async Task The_history_has_what_has_ended_with_statistics()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await RegisterAsync(user, graph);
        var schedule = (await user.GetAsync("/api/schedules")).Json[0];
        var run = (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).Json.GetProperty("graph_exec_ids")[0].GetString();
        await server.SuccessesAsync(user, schedule, 1);

        var history = (await user.GetAsync("/api/scheduler/history?triggerId=nightly&limit=5")).Json;
        var execution = Assert.Single(history.GetProperty("executions").EnumerateArray());
        Assert.Equal(
            "executionId triggerId workflowId scheduledAt executedAt status error runId durationMs metadata", string.Join(' ', execution.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(("nightly", graph.Id(), "success", run), (execution.Text("triggerId"), execution.Text("workflowId"), execution.Text("status"), execution.Text("runId")));
        Assert.Equal("""{"triggeredBy":"manual","attempt":1,"occurrences":1}""", execution.GetProperty("metadata").GetRawText());
        Assert.Equal(
            $$"""{"total":1,"successful":1,"failed":0,"skipped":0,"successRate":100,"avgDurationMs":{{execution.GetProperty("durationMs").GetRawText()}}}""",
            history.GetProperty("stats").GetRawText());
        Assert.Equal(history.GetRawText(), (await user.GetAsync("/api/scheduler/history")).Text);
        Assert.Equal(404, (await user.GetAsync("/api/scheduler/history?triggerId=none")).Status);
    }

    [Fact]
    public async Task Templates_are_five_expressions_to_begin_with()
    {
        var templates = (await server.Anybody().GetAsync("/api/scheduler/templates")).Json.EnumerateArray().ToList();
        Assert.Equal(["hourly", "daily", "weekdays", "weekly", "monthly"], templates.Select(template => template.Id()));
        foreach (var template in templates)
            Assert.Equal(200, (await server.Anybody().GetAsync($"/api/schedules/preview?dialect=standard&cron={template.Text("cronExpression")}")).Status);
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Task<Answer> RegisterAsync(ApiClient user, JsonElement graph, params IEnumerable<(string Name, JsonNode? Value)> more)
    {
        var body = new JsonObject { ["triggerId"] = "nightly", ["workflowId"] = graph.Id(), ["cronExpression"] = "0 9 * * 1", ["inputs"] = new JsonObject { ["n"] = 1 } };
        foreach (var (name, value) in more) body[name] = value;
        return user.PostAsync("/api/scheduler/register", body);
    }

    private static Task<Answer> PostAsync(ApiClient user, string verb, string body) => user.PostAsync($"/api/scheduler/{verb}", JsonNode.Parse(body));
}
