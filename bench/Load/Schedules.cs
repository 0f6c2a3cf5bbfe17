using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Grainflow.Load;

/// <summary>Schedules: how fast they are registered over REST, and how soon many that are due in the same second have started.</summary>
internal static class Schedules
{
    private const int Users = 500;

    private const string Registered = "schedules registered over REST";

    /// <summary>Registers schedules one by one and by several clients, beside a bare loop of commits of one row, and prints the rates.</summary>
    public static async Task RegisterAsync(Uri server, string key, string database, TimeSpan length)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using (var create = source.CreateCommand("CREATE TABLE IF NOT EXISTS bench_commits (id bigserial PRIMARY KEY, body text)")) await create.ExecuteNonQueryAsync();
        // Before it is measured, the code is compiled: once under load, and again in the pause after it.
        for (var i = 0; i < 2; i++)
        {
            await RegisterAsync(server, key, clients: 8, length, what: null);
            await Task.Delay(length);
        }

        // In turn, because the speed of a machine changes from minute to minute.
        for (var i = 0; i < 3; i++)
        {
            await RateAsync("commits of one row", 1, length, async _ =>
            {
                await using var insert = source.CreateCommand("INSERT INTO bench_commits (body) VALUES ('a row')");
                await insert.ExecuteNonQueryAsync();
            });
            await RegisterAsync(server, key, clients: 1, length, Registered);
            using var reader = Client(server, key, "reader");
            await RateAsync("credits read over REST", 1, length, async _ => await reader.GetByteArrayAsync("/api/credits"));
        }

        await RegisterAsync(server, key, clients: 16, length, Registered);
    }

    private static async Task RegisterAsync(Uri server, string key, int clients, TimeSpan length, string? what)
    {
        var users = await Task.WhenAll(Enumerable.Range(0, clients).Select(i => UserAsync(server, key, $"register-{clients}-{i}")));
        var number = 0;
        await RateAsync(what, clients, length, client => PostAsync(
            users[client].Http,
            $"/api/graphs/{users[client].Graph}/schedules",
            $$$"""{"name": "schedule {{{Interlocked.Increment(ref number)}}}", "cron": "0 9 1 1 *", "inputs": {}, "credentials": {}}"""));
        foreach (var user in users) user.Http.Dispose();
    }

    /// <summary>Makes many schedules of many users due at the same instant and prints when all were claimed with their runs queued.</summary>
    public static async Task FireAsync(Uri server, string key, string database, int count)
    {
        await using var source = NpgsqlDataSource.Create(database);
        var graphs = new List<(string User, string Graph)>();
        foreach (var part in Enumerable.Range(0, Users).Chunk(16))
        {
            graphs.AddRange(await Task.WhenAll(part.Select(async i =>
            {
                var user = await UserAsync(server, key, $"schedule-{i}");
                user.Http.Dispose();
                return ($"schedule-{i}", user.Graph);
            })));
        }

        // Rows that have other rules than the server's would be computed again while they are due.
        var (http, graph) = await UserAsync(server, key, "rules");
        await PostAsync(http, $"/api/graphs/{graph}/schedules", """{"name": "rules", "cron": "0 9 1 1 *", "inputs": {}, "credentials": {}}""");
        http.Dispose();

        // Before it is measured, the code is compiled: under load, and again in the minute after it.
        await FireAsync(source, graphs, count / 10, "first");
        await FireAsync(source, graphs, count / 10, "second");
        await FireAsync(source, graphs, count, "all");
        // Runs that have not ended would take the time of what is measured next.
        while (await CountAsync(source, "SELECT count(*) FROM runs WHERE status NOT IN ('COMPLETED', 'FAILED', 'TERMINATED')") > 0) await Task.Delay(500);
        await InsertAsync(source, graphs, 100_000 - count, DateTimeOffset.UtcNow.AddYears(1), "later");
        Console.WriteLine($"{await CountAsync(source, "SELECT count(*) FROM schedules")} schedules are registered.");
    }

    private static async Task FireAsync(NpgsqlDataSource source, List<(string User, string Graph)> graphs, int count, string name)
    {
        // Cron has whole minutes.
        var due = DateTimeOffset.FromUnixTimeSeconds(((DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 8) / 60 * 60) + 60);
        await InsertAsync(source, graphs, count, due, name);
        long started;
        var query = $"SELECT count(*) FROM schedule_firings f JOIN schedules s ON s.id = f.schedule_id WHERE s.name = '{name}' AND f.state = 'started'";
        var wait = due - DateTimeOffset.UtcNow;
        if (wait > TimeSpan.Zero) await Task.Delay(wait);
        var began = Stopwatch.GetTimestamp();
        do
        {
            // What is printed is what the rows say. Looking more often would take the time of the server that is measured.
            await Task.Delay(500);
            started = await CountAsync(source, query);
        }
        while (started < count && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));
        var latest = await CountAsync(source, $"SELECT (extract(epoch FROM max(f.started_at) - '{due:O}') * 1000)::bigint FROM schedule_firings f JOIN schedules s ON s.id = f.schedule_id WHERE s.name = '{name}'");
        var runs = await CountAsync(source, $"SELECT count(*) FROM runs r JOIN schedule_firings f ON f.id = r.id JOIN schedules s ON s.id = f.schedule_id WHERE s.name = '{name}'");
        Console.WriteLine(FormattableString.Invariant(
            $"{count} schedules of {Users} users due in one second ({name}): {started} started, {runs} runs stored, the last {latest} ms after it was due"));
    }

    private static async Task InsertAsync(NpgsqlDataSource source, List<(string User, string Graph)> graphs, int count, DateTimeOffset due, string name)
    {
        await using var insert = source.CreateCommand(
            """
            INSERT INTO schedules (id, user_id, graph_id, graph_version, name, cron, dialect, timezone, inputs, credentials, overlap, catch_up, jitter, pause_after_failures, repeated,
              enabled, origin, decided_to, next_at, due_at, zone_rules, failures_from, created_at, updated_at, revision)
            SELECT gen_random_uuid(), u.user_id, u.graph_id, 1, $4, extract(minute FROM $3::timestamptz AT TIME ZONE 'UTC') || ' * * * *', 'standard', 'UTC', '{}', '{}', 'allow', '1 hour', '0', 0, 'first',
              true, 'platform', $3::timestamptz - interval '1 second', $3, $3, (SELECT zone_rules FROM schedules WHERE name = 'rules'), now(), now(), now(), 1
            FROM generate_series(0, $5 - 1) AS n JOIN unnest($1, $2) WITH ORDINALITY AS u (user_id, graph_id, place) ON u.place = n % $6 + 1
            """);
        insert.Parameters.Add(new NpgsqlParameter { Value = graphs.Select(graph => graph.User).ToArray() });
        insert.Parameters.Add(new NpgsqlParameter { Value = graphs.Select(graph => Guid.Parse(graph.Graph)).ToArray() });
        insert.Parameters.Add(new NpgsqlParameter { Value = due });
        insert.Parameters.Add(new NpgsqlParameter { Value = name });
        insert.Parameters.Add(new NpgsqlParameter { Value = count });
        insert.Parameters.Add(new NpgsqlParameter { Value = graphs.Count });
        await insert.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is long count ? count : 0;
    }

    private static async Task RateAsync(string? what, int clients, TimeSpan length, Func<int, Task> once)
    {
        var count = 0;
        var until = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            while (Stopwatch.GetTimestamp() < until)
            {
                await once(client);
                Interlocked.Increment(ref count);
            }
        }));
        if (what is not null) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {clients} clients: {count / length.TotalSeconds:0}/s"));
    }

    private static HttpClient Client(Uri server, string key, string user)
    {
        var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token.For(user, key));
        return http;
    }

    private static async Task<(HttpClient Http, string Graph)> UserAsync(Uri server, string key, string name)
    {
        var http = Client(server, key, name);
        return (http, (await PostAsync(http, "/api/graphs", $$"""{"graph": {{Agents.Chain(1)}}}""")).GetProperty("id").GetString()!);
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(path, content);
        var body = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"{path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(body)}");
        return JsonElement.Parse(body);
    }
}
