using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>The additions of semantics 5.5.</summary>
public sealed class ScheduleAdditionTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_change_changes_what_it_has_and_leaves_the_rest()
    {
        var user = server.Anybody();
        var created = await user.ScheduleAsync(
            await user.CreateAsync(TestGraph.Echo()), ("description", "old"), ("policy", JsonNode.Parse("""{"overlap": "skip", "window": {"days": ["mon"], "from": "09:00", "to": "17:00"}}""")));
        var path = $"/api/schedules/{created.Id()}";

        var changed = await ChangeAsync(path, user, """{"name": "Evening", "cron": "0 18 * * *", "timezone": "Europe/Paris", "inputs": {"n": 2}, "policy": {"jitter_seconds": 60}}""");
        Assert.Equal(("Evening", "0 18 * * *", "Europe/Paris", "old"), (changed.Text("name"), changed.Text("cron"), changed.Text("timezone"), changed.Text("description")));
        Assert.Equal("""{"n":2}""", changed.GetProperty("input_data").GetRawText());
        Assert.Contains("T18:00:00+0", changed.Text("next_run_time"), StringComparison.Ordinal);
        Assert.Equal(5, changed.GetProperty("next").GetArrayLength());
        Assert.Equal((created.Id(), created.Text("created_at")), (changed.Id(), changed.Text("created_at")));
        Assert.Equal(
            """{"overlap":"skip","catch_up_seconds":3600,"jitter_seconds":60,"pause_after_failures":0,"repeated_times":"first","window":{"days":["mon"],"from":"09:00","to":"17:00"}}""",
            changed.GetProperty("policy").GetRawText());

        var without = await ChangeAsync(path, user, """{"policy": {"window": null}}""");
        Assert.Equal(JsonValueKind.Null, without.GetProperty("policy").GetProperty("window").ValueKind);
        Assert.Equal("skip", without.GetProperty("policy").Text("overlap"));
        Assert.Equal(without.GetRawText(), (await user.GetAsync(path)).Text);
    }

    [Theory]
    [InlineData("""{"cron": "* * * *"}""")]
    [InlineData("""{"timezone": "Mars/Olympus"}""")]
    [InlineData("""{"name": ""}""")]
    [InlineData("""{"graph_version": 0}""")]
    public async Task A_change_is_checked_as_a_creation(string change)
    {
        var user = server.Anybody();
        var created = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        var answer = await user.PatchAsync($"/api/schedules/{created.Id()}", JsonNode.Parse(change)!);
        answer.IsError(400);
        Assert.StartsWith(JsonNode.Parse(change)!.AsObject().Single().Key + ": ", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(created.GetRawText(), (await user.GetAsync($"/api/schedules/{created.Id()}")).Text);
    }

    [Theory]
    [InlineData("disable", "enable")]
    [InlineData("pause", "resume")]
    public async Task A_schedule_is_stopped_and_goes_on(string stop, string goOn)
    {
        var user = server.Anybody();
        var path = $"/api/schedules/{(await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()))).Id()}";
        var stopped = (await user.PostAsync($"{path}/{stop}")).Json;
        Assert.False(stopped.GetProperty("enabled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, stopped.GetProperty("next_run_time").ValueKind);
        var on = (await user.PostAsync($"{path}/{goOn}")).Json;
        Assert.True(on.GetProperty("enabled").GetBoolean());
        Assert.Equal(5, on.GetProperty("next").GetArrayLength());
    }

    [Fact]
    public async Task A_trigger_starts_a_run_of_a_disabled_schedule_and_stands_in_the_history()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var schedule = await user.ScheduleAsync(graph, ("enabled", false));
        var answer = await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger");
        Assert.True(answer.Status == 200, answer.Text);
        var run = Assert.Single(answer.Json.GetProperty("graph_exec_ids").EnumerateArray()).GetString();

        var history = await server.SuccessesAsync(user, schedule, 1);
        var row = Assert.Single(history.GetProperty("executions").EnumerateArray());
        Assert.Equal((run, "success", "manual", 1), (row.Text("graph_exec_id"), row.Text("status"), row.Text("triggered_by"), row.GetProperty("attempt").GetInt32()));
        Assert.Equal((2, 0), (row.GetProperty("node_exec_count").GetInt32(), row.GetProperty("node_error_count").GetInt32()));
        Assert.True(row.GetProperty("completed_at").GetDateTimeOffset() >= row.GetProperty("started_at").GetDateTimeOffset());
        Assert.Equal(row.GetProperty("duration_ms").GetDouble(), history.GetProperty("stats").GetProperty("avg_duration_ms").GetDouble());
        Assert.Equal("1 1 0 0 100", string.Join(' ', new[] { "total", "successful", "failed", "skipped", "success_rate" }.Select(name => history.GetProperty("stats").GetProperty(name).GetRawText())));
        Assert.Equal(JsonValueKind.Null, (await user.GetAsync($"/api/schedules/{schedule.Id()}")).Json.GetProperty("next_run_time").ValueKind);
    }

    [Fact]
    public async Task A_trigger_that_is_sent_again_with_its_key_starts_one_run()
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
            answers.Add((await user.SendAsync(HttpMethod.Post, $"/api/schedules/{schedule.Id()}/trigger", change: request => request.Headers.Add("Idempotency-Key", "one"))).Text);
        Assert.Equal(answers[0], answers[1]);
        Assert.Single((await server.SuccessesAsync(user, schedule, 1)).GetProperty("executions").EnumerateArray());
    }

    [Fact]
    public async Task There_are_no_schedules_of_chat_turns()
    {
        var user = server.Anybody();
        await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));

        var answer = await user.GetAsync("/api/schedules/followups");

        Assert.Equal((200, "[]"), (answer.Status, answer.Text));
        Assert.Equal(401, (await server.With(null).GetAsync("/api/schedules/followups")).Status);
    }

    [Fact]
    public async Task A_trigger_of_an_agent_with_28_unfinished_runs_is_told_to_come_later()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting("full"));
        var schedule = await user.ScheduleAsync(graph, ("inputs", new JsonObject()));
        var runs = new List<JsonElement>();
        for (var i = 0; i < 28; i++) runs.Add(await user.ExecuteAsync(graph));
        (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).IsDetail(429);
        server.Blocks.Open("full");
        foreach (var run in runs) await user.EndAsync(run);
        Assert.Equal(200, (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).Status);
    }

    [Fact]
    public async Task A_backfill_starts_each_occurrence_of_the_range_once()
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()), ("cron", "0 9 * * *"), ("timezone", "Europe/London"), ("enabled", false));
        var path = $"/api/schedules/{schedule.Id()}";
        var range = JsonNode.Parse("""{"from": "2026-03-28T09:00:00Z", "to": "2026-03-30T08:00:00Z"}""")!;

        Assert.Equal(3, (await user.PostAsync($"{path}/backfill", range)).Json.GetProperty("graph_exec_ids").GetArrayLength());
        Assert.Empty((await user.PostAsync($"{path}/backfill", range)).Json.GetProperty("graph_exec_ids").EnumerateArray());
        var history = await server.SuccessesAsync(user, schedule, 3);
        Assert.Equal(
            ["2026-03-28T09:00:00Z", "2026-03-29T08:00:00Z", "2026-03-30T08:00:00Z"],
            history.GetProperty("executions").EnumerateArray().Select(row => row.Text("scheduled_at")).Order(StringComparer.Ordinal));
        Assert.All(history.GetProperty("executions").EnumerateArray(), row => Assert.Equal("backfill", row.Text("triggered_by")));

        Assert.Equal(2, (await user.GetAsync($"{path}/executions?limit=2&status=success")).Json.GetProperty("executions").GetArrayLength());
        var none = (await user.GetAsync($"{path}/executions?status=failed")).Json;
        Assert.Empty(none.GetProperty("executions").EnumerateArray());
        Assert.Equal(3, none.GetProperty("stats").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("""{"from": "2026-03-28", "to": "2026-03-27"}""", "to: It must not be before the beginning of the range.")]
    [InlineData("""{"from": "2026-03-28", "to": "2999-01-01"}""", "to: It must not be in the future.")]
    [InlineData("""{"from": "then", "to": "2026-03-27"}""", "from: 'then' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z or 2026-03-01T10:00:00+01:00.")]
    public async Task A_range_that_is_none_is_refused(string range, string detail)
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        var answer = await user.PostAsync($"/api/schedules/{schedule.Id()}/backfill", JsonNode.Parse(range));
        answer.IsError(400);
        Assert.Equal(detail, answer.Detail);
    }

    [Fact]
    public async Task What_is_not_the_caller_s_is_refused_and_what_is_not_there_is_not_found()
    {
        var owner = server.Anybody();
        var path = $"/api/schedules/{(await owner.ScheduleAsync(await owner.CreateAsync(TestGraph.Echo()))).Id()}";
        var other = server.Anybody();
        var range = JsonNode.Parse("""{"from": "2026-03-28", "to": "2026-03-29"}""")!;
        foreach (var (target, status) in new[] { (path, 403), ($"/api/schedules/{Guid.NewGuid()}", 404), ("/api/schedules/mine", 404) })
        {
            var answers = new List<Answer>
            {
                await other.GetAsync(target),
                await other.PatchAsync(target, new JsonObject { ["name"] = "x" }),
                await other.PostAsync($"{target}/backfill", range.DeepClone()),
                await other.GetAsync($"{target}/executions"),
            };
            foreach (var verb in new[] { "enable", "disable", "pause", "resume", "trigger" }) answers.Add(await other.PostAsync($"{target}/{verb}"));
            Assert.All(answers, answer => Assert.Equal(status, answer.Status));
        }
    }

    [Theory]
    [InlineData("limit=0", "greater_than_equal query.limit")]
    [InlineData("limit=1001", "less_than_equal query.limit")]
    public async Task The_length_of_a_history_has_bounds(string query, string problem)
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        Assert.Equal([problem], (await user.GetAsync($"/api/schedules/{schedule.Id()}/executions?{query}")).Problems());
        (await user.GetAsync($"/api/schedules/{schedule.Id()}/executions?status=done")).IsError(400);
    }

    [Fact]
    public async Task The_state_of_the_scheduler_is_for_administrators()
    {
        var user = server.Anybody();
        await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        (await user.GetAsync("/api/schedules/status")).IsDetail(403);
        var status = (await server.For(Guid.NewGuid().ToString(), "admin").GetAsync("/api/schedules/status")).Json;
        Assert.Equal("running jobs_count next_wake_up last_errors", string.Join(' ', status.EnumerateObject().Select(member => member.Name)));
        Assert.True(status.GetProperty("running").GetBoolean());
        Assert.True(status.GetProperty("jobs_count").GetInt32() > 0);
        Assert.True(status.GetProperty("next_wake_up").GetDateTimeOffset() > server.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddMinutes(-1));
    }

    private static async Task<JsonElement> ChangeAsync(string path, ApiClient user, string change)
    {
        var answer = await user.PatchAsync(path, JsonNode.Parse(change)!);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }
}
