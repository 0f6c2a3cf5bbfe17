using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>The four operations of the contract (semantics 5.2; errors.tsv).</summary>
public sealed class ScheduleTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_schedule_has_the_members_of_the_contract_and_those_of_5_5()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        var graph = await user.CreateAsync(TestGraph.Echo("Echo agent"));

        var schedule = await user.ScheduleAsync(graph, ("timezone", "Asia/Kolkata"), ("description", "for people"));

        Assert.Equal(
            """
            schedule_id user_id graph_id graph_version agent_name cron input_data input_credentials id name next_run_time timezone kind run_at cron_dialect enabled disabled_reason description
            policy last_run_at next_run_at created_at updated_at next warning organization_id team_id expert_id
            """.ReplaceLineEndings(" "),
            string.Join(' ', schedule.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(schedule.Id(), schedule.Text("schedule_id"));
        Assert.Equal((id, graph.Id(), 1), (schedule.Text("user_id"), schedule.Text("graph_id"), schedule.GetProperty("graph_version").GetInt32()));
        Assert.Equal(("Echo agent", "0 9 * * mon-fri", "Morning", "graph"), (schedule.Text("agent_name"), schedule.Text("cron"), schedule.Text("name"), schedule.Text("kind")));
        Assert.Equal("""{"n":1}""", schedule.GetProperty("input_data").GetRawText());
        Assert.Equal("{}", schedule.GetProperty("input_credentials").GetRawText());
        Assert.Equal(("Asia/Kolkata", "apscheduler", true, "for people"), (schedule.Text("timezone"), schedule.Text("cron_dialect"), schedule.GetProperty("enabled").GetBoolean(), schedule.Text("description")));
        Assert.Equal(
            """{"overlap":"allow","catch_up_seconds":3600,"jitter_seconds":0,"pause_after_failures":0,"repeated_times":"first","window":null}""",
            schedule.GetProperty("policy").GetRawText());
        foreach (var none in new[] { "run_at", "disabled_reason", "last_run_at", "warning", "organization_id", "team_id", "expert_id" }) Assert.Equal(JsonValueKind.Null, schedule.GetProperty(none).ValueKind);
        Assert.EndsWith("T09:00:00+05:30", schedule.Text("next_run_time"), StringComparison.Ordinal);
        Assert.EndsWith("T03:30:00Z", schedule.Text("next_run_at"), StringComparison.Ordinal);
        Assert.Equal(schedule.Text("created_at"), schedule.Text("updated_at"));
    }

    [Fact]
    public async Task Creation_answers_with_the_next_five_times_in_both_clocks()
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()), ("timezone", "Asia/Kolkata"));
        var next = schedule.GetProperty("next").EnumerateArray().ToList();
        Assert.Equal(5, next.Count);
        Assert.Equal((schedule.Text("next_run_at"), schedule.Text("next_run_time")), (next[0].Text("utc"), next[0].Text("local")));
        Assert.All(next, time => Assert.Equal(time.GetProperty("utc").GetDateTimeOffset(), time.GetProperty("local").GetDateTimeOffset()));
    }

    [Theory]
    [InlineData(null, "apscheduler", DayOfWeek.Tuesday)]
    [InlineData("apscheduler", "apscheduler", DayOfWeek.Tuesday)]
    [InlineData("autogpt", "autogpt", DayOfWeek.Monday)]
    [InlineData("standard", "standard", DayOfWeek.Monday)]
    public async Task The_dialect_is_stored_and_a_numeric_weekday_is_warned_of(string? given, string stored, DayOfWeek day)
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()), ("cron", "0 9 * * 1"), ("cron_dialect", given));
        Assert.Equal(stored, schedule.Text("cron_dialect"));
        Assert.Equal(day, schedule.GetProperty("next_run_at").GetDateTimeOffset().DayOfWeek);
        Assert.Contains("Monday", schedule.Text("warning"), StringComparison.Ordinal);
        Assert.Contains("Tuesday", schedule.Text("warning"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_zone_is_that_of_the_request_else_of_the_profile_else_UTC()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        var graph = await user.CreateAsync(TestGraph.Echo());
        Assert.Equal("UTC", (await user.ScheduleAsync(graph)).Text("timezone"));
        Assert.True(await server.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(id).SetTimeZone("Asia/Tokyo"));
        var ofProfile = await user.ScheduleAsync(graph);
        Assert.Equal("Asia/Tokyo", ofProfile.Text("timezone"));
        Assert.EndsWith("T09:00:00+09:00", ofProfile.Text("next_run_time"), StringComparison.Ordinal);
        Assert.Equal("Europe/London", (await user.ScheduleAsync(graph, ("timezone", "Europe/London"))).Text("timezone"));
    }

    [Fact]
    public async Task The_version_is_the_highest_and_stays_that()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var update = TestGraph.Echo().Json();
        update["id"] = graph.Id();
        Assert.Equal(200, (await user.PutAsync($"/api/graphs/{graph.Id()}", update)).Status);

        var schedule = await user.ScheduleAsync(graph);
        Assert.Equal(2, schedule.GetProperty("graph_version").GetInt32());
        Assert.Equal(200, (await user.PutAsync($"/api/graphs/{graph.Id()}", update)).Status);
        Assert.Equal(2, (await user.GetAsync("/api/schedules")).Json[0].GetProperty("graph_version").GetInt32());
        Assert.Equal(1, (await user.ScheduleAsync(graph, ("graph_version", 1))).GetProperty("graph_version").GetInt32());
    }

    [Theory]
    [InlineData("cron", "61 * * * *", "cron: minute: 61 is not one of the numbers from 0 to 59.")]
    [InlineData("cron", "0 0 31 2 *", "cron: day of month: '31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months.")]
    [InlineData("timezone", "PST", "timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("name", "  ", "name: It must not be blank.")]
    [InlineData("run_at", "2001-01-01T00:00:00Z", "run_at: Give either cron or run_at.; run_at: It is not in the future.")]
    [InlineData("run_at", "soon", "run_at: 'soon' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z or 2026-03-01T10:00:00+01:00.")]
    public async Task What_is_wrong_is_refused_with_the_field_and_the_reason(string member, string value, string detail)
    {
        var user = server.Anybody();
        var answer = await user.PostAsync($"/api/graphs/{(await user.CreateAsync(TestGraph.Echo())).Id()}/schedules", ScheduleRequests.Body((member, value)));
        answer.IsError(400);
        Assert.Equal(detail, answer.Detail);
        Assert.Empty((await user.GetAsync("/api/schedules?include_disabled=true")).Json.EnumerateArray());
    }

    [Theory]
    [InlineData("""{"overlap": "skip", "jitter_seconds": -1}""", "policy.jitter_seconds: It must be from 0 to 31622400.")]
    [InlineData("""{"pause_after_failures": 1001}""", "policy.pause_after_failures: It must be from 0 to 1000.")]
    [InlineData("""{"window": {"days": ["mon", "fun"], "from": "09:00", "to": "17:00"}}""", "policy.window.days: 'fun' is not a day; use sun, mon, tue, wed, thu, fri, sat.")]
    [InlineData("""{"window": {"from": "9", "to": "17:00"}}""", "policy.window.from: '9' is not a time of day; write it as 09:00.")]
    public async Task A_policy_is_refused_with_the_member_and_the_reason(string policy, string detail)
    {
        var user = server.Anybody();
        var answer = await user.PostAsync($"/api/graphs/{(await user.CreateAsync(TestGraph.Echo())).Id()}/schedules", ScheduleRequests.Body(("policy", JsonNode.Parse(policy))));
        answer.IsError(400);
        Assert.Equal(detail, answer.Detail);
    }

    [Theory]
    [InlineData("""{"inputs": {}}""", "missing body.name")]
    [InlineData("""{"name": "a", "inputs": {}}""", "missing body.cron")]
    [InlineData("""{"name": "a", "cron": "* * * * *"}""", "missing body.inputs")]
    [InlineData("""{"name": "a", "cron": "* * * * *", "inputs": {}, "cron_dialect": "quartz", "enabled": "maybe"}""", "literal_error body.cron_dialect|bool_type body.enabled")]
    [InlineData("""{"name": "a", "cron": "* * * * *", "inputs": {}, "policy": {"overlap": "queue"}}""", "literal_error body.policy.overlap")]
    public async Task A_request_that_does_not_fit_the_document_is_refused_as_everywhere(string body, string problems)
    {
        var user = server.Anybody();
        var found = (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/schedules", JsonNode.Parse(body))).Problems();
        Assert.Equal(problems.Split('|').Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_graph_that_is_not_there_or_another_s_is_not_found()
    {
        var user = server.Anybody();
        var foreign = await server.Anybody().CreateAsync(TestGraph.Echo());
        (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/schedules", ScheduleRequests.Body())).IsDetail(404);
        (await user.PostAsync($"/api/graphs/{foreign.Id()}/schedules", ScheduleRequests.Body())).IsDetail(404);
        (await user.PostAsync("/api/graphs/mine/schedules", ScheduleRequests.Body())).IsDetail(404);
        var own = await user.CreateAsync(TestGraph.Echo());
        (await user.PostAsync($"/api/graphs/{own.Id()}/schedules", ScheduleRequests.Body(("graph_version", 7)))).IsDetail(404);
        (await user.PostAsync($"/api/graphs/{own.Id()}/schedules", ScheduleRequests.Body(("graph_version", 0)))).IsDetail(404);
    }

    [Fact]
    public async Task A_graph_that_could_not_run_as_asked_is_refused_as_text()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(new TestGraph("Model").Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "hello" }));
        var answer = await user.PostAsync($"/api/graphs/{graph.Id()}/schedules", ScheduleRequests.Body());
        answer.IsError(400);
        Assert.Contains("credentials", answer.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Only_schedules_that_are_due_some_time_are_listed_unless_all_are_asked_for()
    {
        var user = server.Anybody();
        var (graph, other) = (await user.CreateAsync(TestGraph.Echo()), await user.CreateAsync(TestGraph.Echo()));
        var first = await user.ScheduleAsync(graph);
        var second = await user.ScheduleAsync(other);
        var disabled = await user.ScheduleAsync(graph, ("enabled", false));
        Assert.Equal(JsonValueKind.Null, disabled.GetProperty("next_run_time").ValueKind);
        Assert.Empty(disabled.GetProperty("next").EnumerateArray());

        Assert.Equal([first.Id(), second.Id()], await IdsAsync("/api/schedules"));
        Assert.Equal([first.Id(), second.Id(), disabled.Id()], await IdsAsync("/api/schedules?include_disabled=true"));
        Assert.Equal([first.Id()], await IdsAsync($"/api/graphs/{graph.Id()}/schedules"));
        Assert.Equal([first.Id(), disabled.Id()], await IdsAsync($"/api/graphs/{graph.Id()}/schedules?include_disabled=1"));
        Assert.Empty(await IdsAsync("/api/graphs/mine/schedules"));
        Assert.Empty((await server.Anybody().GetAsync($"/api/graphs/{graph.Id()}/schedules")).Json.EnumerateArray());

        async Task<List<string>> IdsAsync(string path) => [.. (await user.GetAsync(path)).Json.EnumerateArray().Select(schedule => schedule.Id())];
    }

    [Fact]
    public async Task Only_its_owner_deletes_a_schedule()
    {
        var user = server.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));
        (await server.Anybody().DeleteAsync($"/api/schedules/{schedule.Id()}")).IsError(403);
        (await user.DeleteAsync($"/api/schedules/{Guid.NewGuid()}")).IsDetail(404);
        (await user.DeleteAsync("/api/schedules/mine")).IsDetail(404);

        var deleted = await user.DeleteAsync($"/api/schedules/{schedule.Id()}");
        Assert.Equal((200, $$"""{"id":"{{schedule.Id()}}"}"""), (deleted.Status, deleted.Text));
        Assert.Empty((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
        (await user.DeleteAsync($"/api/schedules/{schedule.Id()}")).IsDetail(404);
    }

    [Fact]
    public async Task A_request_with_an_idempotency_key_that_is_sent_again_creates_one_schedule()
    {
        var user = server.Anybody();
        var path = $"/api/graphs/{(await user.CreateAsync(TestGraph.Echo())).Id()}/schedules";
        var answers = new List<Answer>();
        for (var i = 0; i < 2; i++) answers.Add(await user.SendAsync(HttpMethod.Post, path, ScheduleRequests.Body().ToJsonString(), request => request.Headers.Add("Idempotency-Key", "one")));
        Assert.Equal(200, answers[0].Status);
        Assert.Equal(answers[0].Text, answers[1].Text);
        Assert.Single((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_schedule_that_is_due_once_runs_with_its_inputs_and_is_over()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var at = server.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(2);
        var schedule = await user.ScheduleAsync(graph, ("cron", ""), ("run_at", at.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK")), ("inputs", new JsonObject { ["n"] = 7 }));
        Assert.Equal(("", at.ToUnixTimeMilliseconds()), (schedule.Text("cron"), schedule.GetProperty("run_at").GetDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.Single(schedule.GetProperty("next").EnumerateArray());

        var row = Assert.Single((await server.SuccessesAsync(user, schedule, 1)).GetProperty("executions").EnumerateArray());
        var run = await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{row.Text("graph_exec_id")}");
        Assert.Equal("""{"o":[7]}""", run.Json.GetProperty("outputs").GetRawText());
        Assert.Equal(schedule.GetProperty("run_at").GetDateTimeOffset(), row.GetProperty("scheduled_at").GetDateTimeOffset());
        Assert.Empty((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
        var over = (await user.GetAsync($"/api/schedules/{schedule.Id()}")).Json;
        Assert.False(over.GetProperty("enabled").GetBoolean());
        Assert.Equal(row.GetProperty("scheduled_at").GetDateTimeOffset(), over.GetProperty("last_run_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Schedules_are_for_callers_that_are_known()
    {
        var nobody = server.With(null);
        Assert.Equal(401, (await nobody.GetAsync("/api/schedules")).Status);
        Assert.Equal(401, (await nobody.PostAsync($"/api/graphs/{Guid.NewGuid()}/schedules", ScheduleRequests.Body())).Status);
        Assert.Equal(401, (await nobody.DeleteAsync($"/api/schedules/{Guid.NewGuid()}")).Status);
    }
}
