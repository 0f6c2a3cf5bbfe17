using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>What started a run, in all answers about it (contract: upstream 2a).</summary>
public sealed class RunOriginTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_run_that_its_user_starts_is_manual_and_has_no_schedule()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var started = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", new JsonObject { ["inputs"] = new JsonObject { ["n"] = 1 } });
        Assert.Equal(200, started.Status);

        foreach (var run in (JsonElement[])[started.Json, .. await AnswersAsync(user, graph, started.Json.Id())])
        {
            Assert.Equal("manual", run.Text("trigger_source"));
            Assert.False(run.GetProperty("is_dry_run").GetBoolean());
            foreach (var none in new[] { "trigger_ref", "schedule_id", "webhook_id", "organization_id", "team_id", "expert_id" }) Assert.Equal(JsonValueKind.Null, run.GetProperty(none).ValueKind);
        }
    }

    [Fact]
    public async Task A_run_of_a_schedule_names_it_also_when_it_is_deleted()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var at = server.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(1);
        var schedule = await user.ScheduleAsync(graph, ("cron", ""), ("run_at", at.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK")));
        var fired = (await server.SuccessesAsync(user, schedule, 1)).GetProperty("executions")[0].Text("graph_exec_id")!;
        var triggered = (await user.PostAsync($"/api/schedules/{schedule.Id()}/trigger")).Json.GetProperty("graph_exec_ids")[0].GetString()!;
        Assert.Equal(200, (await user.DeleteAsync($"/api/schedules/{schedule.Id()}")).Status);

        foreach (var run in await AnswersAsync(user, graph, fired)) Assert.Equal(("schedule", schedule.Id()), (run.Text("trigger_source"), run.Text("schedule_id")));
        foreach (var run in await AnswersAsync(user, graph, triggered)) Assert.Equal(("manual", schedule.Id()), (run.Text("trigger_source"), run.Text("schedule_id")));
    }

    private static async Task<JsonElement[]> AnswersAsync(ApiClient user, JsonElement graph, string run) =>
    [
        (await user.GetAsync($"/api/graphs/{graph.Id()}/executions/{run}")).Json,
        (await user.GetAsync("/api/executions")).Json.EnumerateArray().Single(row => row.Id() == run),
        (await user.GetAsync($"/api/graphs/{graph.Id()}/executions")).Json.GetProperty("executions").EnumerateArray().Single(row => row.Id() == run),
    ];
}
