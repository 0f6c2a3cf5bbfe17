using System.Diagnostics;

namespace Grainflow.Load;

/// <summary>Executions of agents whose nodes only compute, each durable; one counts when its end has arrived at the client.</summary>
internal static class Chains
{
    /// <summary>How often, and how long each time, processes that have just started are under load before anything is measured; each is compiled for itself.</summary>
    private const int WarmUpsOfProcess = 3;

    private static readonly TimeSpan FirstWarmUp = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Puts load on servers that have just started, with pauses in which they have nothing to do but to compile again what was used most. Without the pauses they
    /// do that while they are measured, and several processes on the same processors do it several times.
    /// </summary>
    public static async Task WarmUpAsync(IReadOnlyList<Uri> servers, string key, Meters meters)
    {
        var users = await PrepareAsync(servers, key, clients: 64, "warm-up");
        for (var round = 0; round < WarmUpsOfProcess * servers.Count; round++)
        {
            await ExecuteAsync(users, clients: round % 2 == 0 ? 64 : users.Count, FirstWarmUp);
            await meters.UntilIdleAsync();
        }

        foreach (var user in users) await user.DisposeAsync();
    }

    /// <summary>Executes chains of ten nodes for 8 users from a number of clients, and prints rate, latencies and cost.</summary>
    public static async Task MeasureAsync(IReadOnlyList<Uri> servers, string key, Meters meters, int clients, TimeSpan length)
    {
        var users = await PrepareAsync(servers, key, clients, $"load-{clients}");
        await ExecuteAsync(users, clients, WarmUp);
        var before = await meters.ReadAsync();
        var latencies = await ExecuteAsync(users, clients, length);
        var cost = (await meters.ReadAsync()).Per(Math.Max(1, latencies.Count), before);
        foreach (var user in users) await user.DisposeAsync();
        var rate = latencies.Count / length.TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"chains of 10, {clients} clients: {rate:0} executions/s, p50 {At(latencies, 0.5):0.0} ms, p99 {At(latencies, 0.99):0.0} ms; {cost}"));
    }

    /// <summary>Executes one large agent a few times, alone, and prints the median.</summary>
    public static async Task MeasureOneAsync(Uri server, string key, string name, string agent, int nodes)
    {
        await using var user = new LoadUser(server, $"load-{nodes}-{Guid.NewGuid():N}", key);
        await user.PrepareAsync(agent);
        var times = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await user.ExecuteAsync("{}");
            if (i > 1) times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        times.Sort();
        var median = At(times, 0.5);
        Console.WriteLine(FormattableString.Invariant($"{name}: {median:0.000} s, {nodes / median:0} nodes/s"));
    }

    private static async Task<List<LoadUser>> PrepareAsync(IReadOnlyList<Uri> servers, string key, int clients, string name)
    {
        var users = new List<LoadUser>();
        for (var i = 0; i < Math.Min(8, clients); i++)
        {
            users.Add(new LoadUser(servers[i % servers.Count], $"{name}-{i}", key));
            await users[i].PrepareAsync(Agents.Chain(10));
        }

        return users;
    }

    private static async Task<List<double>> ExecuteAsync(List<LoadUser> users, int clients, TimeSpan length)
    {
        var until = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            var latencies = new List<double>();
            while (Stopwatch.GetTimestamp() < until)
            {
                var started = Stopwatch.GetTimestamp();
                await users[client % users.Count].ExecuteAsync("{}");
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return latencies;
        }));
        var sorted = all.SelectMany(latencies => latencies).ToList();
        sorted.Sort();
        return sorted;
    }

    private static double At(List<double> sorted, double part) => sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * part)];
}
