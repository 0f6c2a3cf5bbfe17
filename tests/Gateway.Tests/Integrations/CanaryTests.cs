using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.Telemetry;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Integrations;

/// <summary>
/// Secrets that are planted everywhere are found nowhere but where they are sent to: not in an answer, an event, a metric, a line of the log at any level, or anywhere in the database
/// (issue 13, point 7).
/// </summary>
public sealed class CanaryTests
{
    private static readonly string[] Planted =
    [
        CredentialServer.SystemKey, ScriptedProvider.AccessToken, ScriptedProvider.RefreshToken, "canary-code", "canary-api-key", "canary-user", "canary-password", "canary-header", "canary-refused",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Planted_secrets_are_found_nowhere()
    {
        await using var models = await OutsideServer.StartAsync();
        await using var server = new CredentialServer { Models = models.Origin };
        await server.InitializeAsync();
        var user = server.Anybody();
        var seen = new ConcurrentQueue<string>();

        var key = await user.PostAsync("/api/integrations/openai/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "openai", "api_key": "canary-api-key", "title": "mine"}"""));
        foreach (var body in new[]
        {
            """{"type": "user_password", "provider": "x", "username": "canary-user", "password": "canary-password"}""",
            """{"type": "host_scoped", "provider": "x", "host": "h", "headers": {"Authorization": "canary-header"}}""",
            """{"type": "user_password", "provider": "x", "password": "canary-refused"}""",
            """{"type": "host_scoped", "provider": "x", "host": "h", "headers": {"Authorization": "canary-refused\r\nX: y"}}""",
        })
            seen.Enqueue((await user.PostAsync("/api/integrations/x/credentials", JsonNode.Parse(body))).Text);
        var state = (await user.GetAsync("/api/integrations/github/login")).Json.GetProperty("state_token").GetString()!;
        seen.Enqueue((await user.PostAsync("/api/integrations/github/callback", new JsonObject { ["code"] = "canary-code", ["state_token"] = state })).Text);
        // Ends with an error, because the model answers nothing that can be used.
        var graph = await user.CreateAsync(Asking(key.Json.Id(), "mine").Set("description", "asks"));
        var system = await user.CreateAsync(TestGraph.AskingModel());
        await WatchAsync(server, user, graph.Id(), seen, async () =>
        {
            foreach (var asked in new[] { graph, system })
            {
                var run = await user.EndAsync(await user.ExecuteAsync(asked));
                seen.Enqueue(run.GetRawText());
            }
        });
        seen.Enqueue(key.Text);
        foreach (var path in new[]
        {
            "/api/integrations/credentials", $"/api/integrations/openai/credentials/{key.Json.Id()}", $"/api/graphs/{graph.Id()}?for_export=true", $"/api/graphs/{graph.Id()}", "/api/executions",
        })
            seen.Enqueue((await user.GetAsync(path)).Text);
        seen.Enqueue(string.Join('\n', await Measurements.ReadAsync(server)));
        var database = await DumpAsync(server);
        await server.StopAsync();

        Assert.Equal(["Bearer canary-api-key", "Bearer canary-system-key"], models.Requests.Select(request => request.Headers["Authorization"]).Distinct(StringComparer.Ordinal));
        string[] secrets = [.. Planted, state, server.OAuth.Verifier!];
        var log = server.Log.ToString();
        Assert.DoesNotContain(secrets, secret => seen.Any(text => Has(text, secret)));
        Assert.DoesNotContain(secrets, secret => Has(database, secret));
        Assert.DoesNotContain(secrets, secret => Has(log, secret));
        // What is searched for would be found.
        Assert.True(Has(database, "octocat") && Has(database, "asks"), "The dump lacks what was stored.");
        Assert.Contains(seen, text => text.Contains("FAILED", StringComparison.Ordinal));
        Assert.True(server.Log.Has("Trace: "), "The log is empty.");
    }

    private static TestGraph Asking(string id, string title) => new TestGraph("Model").Node("ask", TestGraph.TextGenerator, new JsonObject
    {
        ["prompt"] = "hello",
        ["model"] = "gpt-4o-mini",
        ["retry"] = 1,
        ["credentials"] = new JsonObject { ["id"] = id, ["provider"] = "openai", ["type"] = "api_key", ["title"] = title },
    });

    /// <summary>Collects the events of a graph while something is done.</summary>
    private static async Task WatchAsync(CredentialServer server, ApiClient user, string graphId, ConcurrentQueue<string> seen, Func<Task> work)
    {
        await using var client = await LiveClient.ConnectAsync(new Uri(server.Address.Replace("http", "ws", StringComparison.Ordinal) + "/ws?token=" + user.Token));
        seen.Enqueue((await client.WatchGraphAsync(graphId)).GetRawText());
        await work();
        while (true)
        {
            var message = (await client.NextAsync()).GetRawText();
            seen.Enqueue(message);
            if (message.Contains("\"graph_execution_event\"", StringComparison.Ordinal) && message.Contains("\"FAILED\"", StringComparison.Ordinal)) return;
            if (message.Contains("\"graph_execution_event\"", StringComparison.Ordinal) && message.Contains("\"COMPLETED\"", StringComparison.Ordinal)) return;
        }
    }

    /// <summary>All rows of all tables as text; bytes as hexadecimal digits.</summary>
    private static async Task<string> DumpAsync(CredentialServer server)
    {
        var dump = new StringBuilder();
        var tables = await ReadAsync(server, "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        foreach (var table in tables)
            foreach (var row in await ReadAsync(server, $"SELECT t::text FROM {table} AS t")) dump.AppendLine(row);
        return dump.ToString();
    }

    private static async Task<List<string>> ReadAsync(CredentialServer server, string sql)
    {
        await using var command = server.Database.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Token)) rows.Add(reader.GetString(0));
        return rows;
    }

    /// <summary>Whether a text has a secret in clear, as base64, or as hexadecimal digits.</summary>
    private static bool Has(string text, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return text.Contains(secret, StringComparison.OrdinalIgnoreCase) || text.Contains(Convert.ToHexString(bytes), StringComparison.OrdinalIgnoreCase)
            || text.Contains(Convert.ToBase64String(bytes).TrimEnd('='), StringComparison.Ordinal);
    }
}
