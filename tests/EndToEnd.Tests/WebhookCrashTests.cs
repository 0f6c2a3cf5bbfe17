using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Xunit.Sdk;

namespace Grainflow.EndToEnd.Tests;

/// <summary>A webhook of GitHub that starts an agent, delivered twice with a kill of the server in between: one run.</summary>
public sealed class WebhookCrashTests(ITestOutputHelper output)
{
    private const int Deliveries = 8;

    /// <summary>From right after the first byte to after the answer and the start of the run.</summary>
    private const int LatestKillMilliseconds = 120;

    [Fact(Explicit = true)]
    public async Task A_delivery_that_is_sent_again_after_a_kill_of_the_server_starts_one_run()
    {
        await using var place = await Workplace.CreateAsync();
        await using var github = await ScriptedGitHub.StartAsync();
        GitHubDeliveries.Configure(place, github);
        // ./test prints the seed and takes it.
        var random = new Random(Randomizer.Seed);
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        var (graphId, hook) = await SetUpAsync(server, github);

        for (var delivery = 1; delivery <= Deliveries; delivery++)
        {
            var first = SendAsync(server, hook, delivery);
            await Task.WhenAny(first, Task.Delay(random.Next(LatestKillMilliseconds)));
            if (delivery == 1) await first;
            var answered = first.IsCompletedSuccessfully;
            await server.KillAsync();
            await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await server.RestartAsync();
            output.WriteLine($"Delivery {delivery} was {(answered ? "acknowledged" : "not acknowledged")} before the kill.");
            Assert.Equal(202, await SendAsync(server, hook, delivery));
        }

        await place.UntilAsync($"SELECT (count(*) = {Deliveries})::int FROM webhook_deliveries WHERE processed_at IS NOT NULL");
        Assert.Equal(Deliveries, await place.CountAsync("SELECT count(*) FROM runs"));
        var runs = (await server.GetAsync($"/api/graphs/{graphId}/executions")).GetProperty("executions").EnumerateArray().Select(run => run.GetProperty("id").GetString()!).ToList();
        var numbers = new List<int>();
        foreach (var run in runs)
        {
            Assert.Equal("COMPLETED", await server.EndOfAsync(graphId, run));
            var execution = await server.GetAsync($"/api/graphs/{graphId}/executions/{run}");
            Assert.Equal("webhook", execution.GetProperty("trigger_source").GetString());
            numbers.Add(Assert.Single(execution.GetProperty("outputs").GetProperty("number").EnumerateArray()).GetInt32());
        }

        Assert.Equal(Enumerable.Range(1, Deliveries), numbers.Order());
        Assert.Equal(0, await place.CountAsync($"SELECT count(*) FROM webhooks WHERE position('{hook.Secret}' IN encode(secret, 'escape')) > 0 OR config::text LIKE '%{hook.Secret}%'"));
    }

    private static async Task<(string GraphId, GitHubHook Hook)> SetUpAsync(RunningServer server, ScriptedGitHub github)
    {
        var credential = await server.PostAsync("/api/integrations/github/credentials", GitHubDeliveries.Credential());
        var graph = await server.PostAsync("/api/graphs", GitHubDeliveries.Agent());
        var graphId = graph.GetProperty("id").GetString()!;
        await server.PostAsync("/api/library/presets/setup-trigger", new JsonObject
        {
            ["name"] = "Issues",
            ["graph_id"] = graphId,
            ["graph_version"] = 1,
            ["trigger_config"] = new JsonObject { ["repo"] = "octo/hello", ["events"] = new JsonObject { ["opened"] = true } },
            ["agent_credentials"] = new JsonObject
            {
                ["github_api_key-oauth2_credentials"] = new JsonObject { ["id"] = credential.GetProperty("id").GetString(), ["provider"] = "github", ["type"] = "api_key" },
            },
        }.ToJsonString());
        return (graphId, Assert.Single(github.Hooks));
    }

    private static Task<int> SendAsync(RunningServer server, GitHubHook hook, int delivery) =>
        GitHubDeliveries.SendAsync(server.Http, hook, "issues", $"delivery-{delivery}", GitHubDeliveries.Opened(delivery));
}
