using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Tests.Support;
using Npgsql;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>The schedules of agents in the shape of a chat-agent platform (contract: schedules-others, S3; semantics 5.5).</summary>
public sealed class AgentScheduleTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_schedule_is_created_changed_stopped_and_deleted_under_the_name_of_its_agent()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await user.CreateAsync(Talker());
        var created = await user.PostAsync("/api/agents/Talker/schedules", JsonNode.Parse("""{"name": "Mondays", "cron_expression": "0 9 * * 1", "message": "hello"}"""));
        Assert.True(created.Status == 201, created.Text);
        Assert.Equal(
            "id agent_name name cron_expression message enabled timezone description owner_id created_at updated_at last_run_at next_run_at",
            string.Join(' ', created.Json.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(
            ("Talker", "Mondays", "0 9 * * 1", "hello", "UTC", id),
            (created.Json.Text("agent_name"), created.Json.Text("name"), created.Json.Text("cron_expression"), created.Json.Text("message"), created.Json.Text("timezone"), created.Json.Text("owner_id")));
        // Standard: 1 is Monday.
        Assert.Equal(DayOfWeek.Monday, created.Json.GetProperty("next_run_at").GetDateTimeOffset().DayOfWeek);
        var path = $"/api/agents/Talker/schedules/{created.Json.Id()}";
        Assert.Equal(created.Text, (await user.GetAsync(path)).Text);
        Assert.Equal($"[{created.Text}]", (await user.GetAsync("/api/agents/Talker/schedules")).Text);

        var changed = (await user.PutAsync(path, JsonNode.Parse("""{"cron_expression": "0 10 * * *", "timezone": "Asia/Kolkata", "description": "daily", "message": "bye"}""")!)).Json;
        Assert.Equal(("0 10 * * *", "Asia/Kolkata", "daily", "bye", "Mondays"),
            (changed.Text("cron_expression"), changed.Text("timezone"), changed.Text("description"), changed.Text("message"), changed.Text("name")));
        Assert.Equal("""{"message":"bye"}""", (await user.GetAsync($"/api/schedules/{created.Json.Id()}")).Json.GetProperty("input_data").GetRawText());
        var disabled = (await user.PostAsync(path + "/disable")).Json;
        Assert.Equal((false, JsonValueKind.Null), (disabled.GetProperty("enabled").GetBoolean(), disabled.GetProperty("next_run_at").ValueKind));
        Assert.True((await user.PostAsync(path + "/enable")).Json.GetProperty("enabled").GetBoolean());
        Assert.Equal(created.Json.Id(), (await user.DeleteAsync(path)).Json.Id());
        (await user.GetAsync(path)).IsDetail(404);
    }

    [Fact]
    public async Task A_trigger_sends_the_message_and_its_execution_has_the_answer()
    {
        var user = server.Anybody();
        await user.CreateAsync(Talker());
        var created = (await user.PostAsync("/api/agents/Talker/schedules", JsonNode.Parse("""{"name": "Daily", "cron_expression": "0 9 * * *", "message": "hello", "enabled": false}"""))).Json;
        var triggered = (await user.PostAsync($"/api/agents/Talker/schedules/{created.Id()}/trigger")).Json;
        Assert.Equal("pending", triggered.Text("status"));
        await server.SuccessesAsync(user, (await user.GetAsync($"/api/schedules/{created.Id()}")).Json, 1);

        var execution = (await user.GetAsync($"/api/agents/Talker/executions/{triggered.Text("execution_id")}")).Json;
        Assert.Equal(
            """
            id schedule_id agent_name status started_at completed_at duration_ms message response error triggered_by context_used context_max cost tool_calls graph_exec_id scheduled_at
            """,
            string.Join(' ', execution.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(("success", "hello", "hello", "manual", "Talker"),
            (execution.Text("status"), execution.Text("message"), execution.Text("response"), execution.Text("triggered_by"), execution.Text("agent_name")));
        Assert.Empty(execution.GetProperty("tool_calls").EnumerateArray());
        Assert.Equal($"[{execution.GetRawText()}]", (await user.GetAsync("/api/agents/Talker/executions")).Text);
        Assert.Equal($"[{execution.GetRawText()}]", (await user.GetAsync($"/api/agents/Talker/schedules/{created.Id()}/executions?limit=1")).Text);
        (await user.GetAsync($"/api/agents/Talker/executions/{Guid.NewGuid()}")).IsDetail(404);

        var activity = Assert.Single((await user.GetAsync("/api/agents/Talker/activities")).Json.EnumerateArray());
        Assert.Equal(
            "id agent_name user_id activity_type activity_state triggered_by related_execution_id parent_activity_id started_at completed_at duration_ms error details",
            string.Join(' ', activity.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(("schedule_start", "completed", execution.Id()), (activity.Text("activity_type"), activity.Text("activity_state"), activity.Text("related_execution_id")));
        Assert.Equal(
            $$"""{"schedule_id":"{{created.Id()}}","schedule_name":"Daily","cron_expression":"0 9 * * *","context_used":null,"context_max":null,"cost_usd":0,"tool_count":0}""",
            activity.GetProperty("details").GetRawText());
        Assert.Equal($"[{activity.GetRawText()}]", (await user.GetAsync("/api/activities/timeline?activity_types=chat_start,schedule_start&start_time=2020-01-01&limit=5")).Text);
        Assert.Equal("[]", (await user.GetAsync("/api/activities/timeline?end_time=2020-01-01")).Text);
        Assert.Equal("[]", (await user.GetAsync("/api/agents/Talker/activities?activity_type=chat_start")).Text);
    }

    [Fact]
    public async Task An_occurrence_that_found_too_many_unfinished_runs_says_how_many_wait()
    {
        var user = server.Anybody();
        await user.CreateAsync(Talker());
        var created = (await user.PostAsync("/api/agents/Talker/schedules", JsonNode.Parse("""{"name": "a", "cron_expression": "0 9 * * *", "message": "hello"}"""))).Json;
        await using var database = NpgsqlDataSource.Create(server.Database.ConnectionString);
        await using var insert = database.CreateCommand(
            """
            INSERT INTO schedule_firings (id, schedule_id, user_id, occurrence, last_occurrence, occurrences, trigger, state, attempt, reason, created_at)
            VALUES ($1, $2, $3, now(), now(), 1, 'schedule', 'skipped', 1, $4, now())
            """);
        insert.Parameters.AddWithValue(Guid.NewGuid());
        insert.Parameters.AddWithValue(Guid.Parse(created.Id()));
        insert.Parameters.AddWithValue(created.Text("owner_id")!);
        insert.Parameters.AddWithValue(ScheduleRule.QueueFull);
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var execution = Assert.Single((await user.GetAsync("/api/agents/Talker/executions")).Json.EnumerateArray());

        Assert.Equal(("skipped", "Agent queue full (3 waiting), skipping scheduled execution"), (execution.Text("status"), execution.Text("error")));
    }

    [Fact]
    public async Task Calls_of_tools_stand_with_the_execution()
    {
        var user = server.Anybody();
        // The tool pin tells that the node is a tool; the other link lets it run without a model.
        await user.CreateAsync(Talker().Node("keep", TestGraph.StoreValue).Link("in", "result", "keep", "input").Link("in", "tools_^_keep_~_input", "keep", "input"));
        var created = (await user.PostAsync("/api/agents/Talker/schedules", JsonNode.Parse("""{"name": "a", "cron_expression": "0 9 * * *", "message": "hello"}"""))).Json;
        await user.PostAsync($"/api/agents/Talker/schedules/{created.Id()}/trigger");
        await server.SuccessesAsync(user, (await user.GetAsync($"/api/schedules/{created.Id()}")).Json, 1);
        var call = Assert.Single((await user.GetAsync("/api/agents/Talker/executions")).Json[0].GetProperty("tool_calls").EnumerateArray());
        Assert.Equal(("StoreValueBlock", "hello", true), (call.Text("name"), call.GetProperty("input").Text("input"), call.GetProperty("success").GetBoolean()));
        Assert.True(call.GetProperty("duration_ms").GetInt64() >= 0);
        Assert.Equal(1, (await user.GetAsync("/api/agents/Talker/activities")).Json[0].GetProperty("details").GetProperty("tool_count").GetInt32());
    }

    [Theory]
    [InlineData("""{"cron_expression": "61 * * * *"}""", "cron_expression: minute: 61 is not one of the numbers from 0 to 59.")]
    [InlineData("""{"timezone": "PST"}""", "timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("""{"name": " "}""", "name: It must not be blank.")]
    public async Task What_is_wrong_is_422_with_the_field_and_the_reason(string change, string detail)
    {
        var user = server.Anybody();
        await user.CreateAsync(Talker());
        var body = JsonNode.Parse("""{"name": "a", "cron_expression": "* * * * *", "message": "hello"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) body[name] = value!.DeepClone();
        var answer = await user.PostAsync("/api/agents/Talker/schedules", body);
        answer.IsDetail(422);
        Assert.Equal(detail, answer.Detail);
    }

    [Theory]
    [InlineData("task", "", """{"task":"hello"}""")]
    [InlineData("word", "", """{"word":"hello"}""")]
    [InlineData("word", """{"word": "mine"}""", """{"word":"mine"}""")]
    public async Task The_message_goes_to_the_input_that_takes_it_and_inputs_go_before(string input, string inputs, string stored)
    {
        var user = server.Anybody();
        await user.CreateAsync(Talker(input));
        var body = JsonNode.Parse("""{"name": "a", "cron_expression": "* * * * *", "message": "hello", "enabled": false}""")!;
        if (inputs.Length > 0) body["inputs"] = JsonNode.Parse(inputs);
        var created = await user.PostAsync("/api/agents/Talker/schedules", body);
        Assert.True(created.Status == 201, created.Text);
        Assert.Equal(stored, (await user.GetAsync($"/api/schedules/{created.Json.Id()}")).Json.GetProperty("input_data").GetRawText());
    }

    [Fact]
    public async Task A_message_that_no_input_takes_is_refused_with_the_names_of_the_inputs()
    {
        var user = server.Anybody();
        await user.CreateAsync(TestGraph.Echo("Numbers"));
        var answer = await user.PostAsync("/api/agents/Numbers/schedules", JsonNode.Parse("""{"name": "a", "cron_expression": "* * * * *", "message": "hello"}"""));
        answer.IsDetail(422);
        Assert.Equal("message: no input of the agent takes it; give inputs, whose names are n.", answer.Detail);
    }

    [Fact]
    public async Task An_agent_is_named_by_its_id_or_its_only_name()
    {
        var user = server.Anybody();
        var (first, second) = (await user.CreateAsync(Talker()), await user.CreateAsync(Talker()));
        Assert.Equal("[]", (await user.GetAsync($"/api/agents/{first.Id()}/schedules")).Text);
        var both = await user.GetAsync("/api/agents/Talker/schedules");
        both.IsDetail(409);
        Assert.Contains(first.Id(), both.Detail, StringComparison.Ordinal);
        Assert.Contains(second.Id(), both.Detail, StringComparison.Ordinal);
        (await user.GetAsync("/api/agents/Nobody/schedules")).IsDetail(404);
        (await server.Anybody().GetAsync($"/api/agents/{first.Id()}/schedules")).IsDetail(404);
    }

    [Fact]
    public async Task A_schedule_of_another_agent_or_another_interface_is_not_found()
    {
        var user = server.Anybody();
        var (talker, other) = (await user.CreateAsync(Talker()), await user.CreateAsync(TestGraph.Echo("Other")));
        var created = (await user.PostAsync($"/api/agents/{talker.Id()}/schedules", JsonNode.Parse("""{"name": "a", "cron_expression": "0 9 * * *", "message": "x"}"""))).Json;
        (await user.GetAsync($"/api/agents/Other/schedules/{created.Id()}")).IsDetail(404);
        (await user.GetAsync($"/api/agents/Other/schedules/{(await user.ScheduleAsync(other)).Id()}")).IsDetail(404);
    }

    [Fact]
    public async Task The_state_of_the_scheduler_is_for_administrators()
    {
        (await server.Anybody().GetAsync("/api/agents/scheduler/status")).IsDetail(403);
        Assert.True((await server.For(Guid.NewGuid().ToString(), "admin").GetAsync("/api/agents/scheduler/status")).Json.GetProperty("running").GetBoolean());
    }

    private static TestGraph Talker(string input = "message") =>
        new TestGraph("Talker").Node("in", TestGraph.TextInput, input).Node("out", TestGraph.Output, "answer").Link("in", "result", "out", "value");
}
