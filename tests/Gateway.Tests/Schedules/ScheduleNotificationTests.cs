using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Grainflow.Gateway.Tests.Schedules;

/// <summary>What schedules report to the open sockets of their owners, and to the occurrence that waits for a run (contract: schedules-others, events).</summary>
public sealed class ScheduleNotificationTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task The_start_and_the_end_of_an_execution_go_to_every_socket_of_the_owner_and_to_nobody_else()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await using var first = await LiveClient.ListenAsync(server, id);
        await using var second = await LiveClient.ListenAsync(server, id);
        await using var stranger = await LiveClient.ListenAsync(server, Guid.NewGuid().ToString());
        var at = server.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(1).ToString("O");
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo("Echo agent")), ("cron", ""), ("run_at", at));

        foreach (var client in new[] { first, second })
        {
            var data = await NotificationsAsync(client, 4);
            var run = data[0].Text("execution_id");
            Assert.Equal(
                $$"""{"type":"schedule_execution_started","event":"schedule","agent":"Echo agent","schedule_id":"{{schedule.Id()}}","execution_id":"{{run}}","schedule_name":"Morning"}""",
                data[0].GetRawText());
            Assert.Equal(
                $$"""{"type":"schedule_execution_completed","event":"schedule","agent":"Echo agent","schedule_id":"{{schedule.Id()}}","execution_id":"{{run}}","status":"success","error":null}""",
                data[1].GetRawText());
            Assert.Equal(["started", "completed"], data.Skip(2).Select(activity => activity.Text("activity_state")));
            Assert.All(data.Skip(2), activity =>
            {
                Assert.Equal(
                    "type event agent_name activity_id activity_type activity_state action timestamp details", string.Join(' ', activity.EnumerateObject().Select(member => member.Name)));
                Assert.Equal(("agent_activity", "Echo agent", run, "schedule_start", "Running: Morning"),
                    (activity.Text("type"), activity.Text("agent_name"), activity.Text("activity_id"), activity.Text("activity_type"), activity.Text("action")));
                Assert.Equal($$"""{"schedule_name":"Morning","schedule_id":"{{schedule.Id()}}"}""", activity.GetProperty("details").GetRawText());
            });
        }

        Assert.Equal("heartbeat", (await stranger.AskAsync("""{"method":"heartbeat"}""")).Text("method"));
    }

    [Fact]
    public async Task An_execution_that_was_stopped_is_reported_as_failed()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await using var client = await LiveClient.ListenAsync(server, id);
        var graph = await user.CreateAsync(TestGraph.Waiting("stopped"));
        var schedule = await user.ScheduleAsync(graph, ("inputs", new JsonObject()));
        var run = (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).Json.GetProperty("graph_exec_ids")[0].GetString();
        Assert.Equal(200, (await user.PostAsync($"/api/graphs/{graph.Id()}/executions/{run}/stop")).Status);

        var data = await NotificationsAsync(client, 4);
        Assert.Equal(("failed", run), (data[1].Text("status"), data[1].Text("execution_id")));
        Assert.Equal("failed", data[3].Text("activity_state"));
    }

    [Fact]
    public async Task A_run_that_no_schedule_has_started_is_not_reported()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await using var client = await LiveClient.ListenAsync(server, id);
        await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse("""{"inputs": {"n": 1}}""")));
        Assert.Equal("heartbeat", (await client.AskAsync("""{"method":"heartbeat"}""")).Text("method"));
    }

    [Fact]
    public async Task The_end_of_a_run_starts_the_occurrence_that_waits_for_it()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Waiting("buffered"));
        var schedule = await user.ScheduleAsync(graph, ("inputs", new JsonObject()), ("policy", new JsonObject { ["overlap"] = "buffer_one" }));
        Assert.Equal(200, (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).Status);
        // It would look by itself in an hour.
        await using var database = NpgsqlDataSource.Create(server.Database.ConnectionString);
        await using var insert = database.CreateCommand(
            """
            INSERT INTO schedule_firings (id, schedule_id, user_id, occurrence, last_occurrence, occurrences, trigger, state, attempt, created_at, wake_at)
            VALUES ($1, $2, $3, now(), now(), 1, 'schedule', 'buffered', 1, now(), now() + interval '1 hour')
            """);
        insert.Parameters.AddWithValue(Guid.NewGuid());
        insert.Parameters.AddWithValue(Guid.Parse(schedule.Id()));
        insert.Parameters.AddWithValue(schedule.Text("user_id")!);
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        server.Blocks.Open("buffered");
        var history = await server.SuccessesAsync(user, schedule, 2);
        Assert.Equal(["manual", "schedule"], history.GetProperty("executions").EnumerateArray().Select(row => row.Text("triggered_by")).Order(StringComparer.Ordinal));
    }

    /// <summary>The payloads of notifications: first those of the schedule, then those of the agent, each in the order in which they came.</summary>
    private static async Task<IReadOnlyList<JsonElement>> NotificationsAsync(LiveClient client, int count)
    {
        var data = new List<JsonElement>();
        while (data.Count < count)
        {
            var message = await client.NextAsync();
            Assert.Equal("notification", message.Text("method"));
            data.Add(message.GetProperty("data"));
        }

        return [.. data.OrderBy(payload => payload.Text("type") == "agent_activity")];
    }
}
