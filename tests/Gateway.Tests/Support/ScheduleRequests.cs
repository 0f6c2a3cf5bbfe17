using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>What tests of schedules ask servers for.</summary>
internal static class ScheduleRequests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The body of a schedule of <see cref="TestGraph.Echo"/>, with more members or others.</summary>
    public static JsonObject Body(params IEnumerable<(string Name, JsonNode? Value)> more)
    {
        var body = new JsonObject { ["name"] = "Morning", ["cron"] = "0 9 * * mon-fri", ["inputs"] = new JsonObject { ["n"] = 1 } };
        foreach (var (name, value) in more) body[name] = value;
        return body;
    }

    /// <summary>Creates a schedule and answers it.</summary>
    public static async Task<JsonElement> ScheduleAsync(this ApiClient user, JsonElement graph, params IEnumerable<(string Name, JsonNode? Value)> more)
    {
        var answer = await user.PostAsync($"/api/graphs/{graph.Id()}/schedules", Body(more));
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>Reads the history of a schedule after every commit of its owner, until it holds.</summary>
    public static async Task<JsonElement> HistoryAsync(this ApiServer server, ApiClient user, JsonElement schedule, Func<JsonElement, bool> holds)
    {
        while (true)
        {
            var commit = await server.NextCommitAsync(schedule.Text("user_id")!);
            var answer = await user.GetAsync($"/api/schedules/{schedule.Id()}/executions");
            Assert.True(answer.Status == 200, answer.Text);
            if (holds(answer.Json)) return answer.Json;
            await commit.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until all runs of the history have succeeded, of which there are so many.</summary>
    public static Task<JsonElement> SuccessesAsync(this ApiServer server, ApiClient user, JsonElement schedule, int count) =>
        server.HistoryAsync(user, schedule, history => history.GetProperty("stats").GetProperty("successful").GetInt32() == count);
}
