using System.Diagnostics;
using System.Globalization;
using Grainflow.Load;

// Load on a running server, over REST and WebSocket. bench/load.sh starts one and calls this.
if (args is not [var server, var key, var processId, var gatePort, ..])
{
    Console.Error.WriteLine("usage: Load SERVER_URL JWT_KEY SERVER_PID GATE_PORT [SECONDS] [chains|fan-out]");
    return 2;
}

var length = TimeSpan.FromSeconds(args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 20);
var which = args.Length > 5 ? args[5] : "";
Console.WriteLine($"idle: {Memory(processId)}");
if (which != "fan-out")
{
    foreach (var clients in new[] { 16, 64 }) await ChainsAsync(new Uri(server), key, clients, length);
    Console.WriteLine($"after chains: {Memory(processId)}");
}

if (which != "chains")
{
    using var gate = new Gate(int.Parse(gatePort, CultureInfo.InvariantCulture));
    foreach (var pace in new[] { 50, 250, 500 }) await FanOut.MeasureAsync(new Uri(server), key, gate, sockets: 1000, pace, length);
    Console.WriteLine($"after fan-out: {Memory(processId)}");
}

return 0;

// Chains of ten nodes, each execution durable, for 8 users; an execution counts when its end has arrived at the client.
static async Task ChainsAsync(Uri server, string key, int clients, TimeSpan length)
{
    var users = new List<LoadUser>();
    for (var i = 0; i < 8; i++)
    {
        users.Add(new LoadUser(server, $"load-{clients}-{i}", key));
        await users[i].PrepareAsync(Agents.Chain());
    }

    await MeasureAsync(users, clients, TimeSpan.FromSeconds(10));
    var latencies = await MeasureAsync(users, clients, length);
    foreach (var user in users) await user.DisposeAsync();
    var rate = latencies.Count / length.TotalSeconds;
    Console.WriteLine(FormattableString.Invariant(
        $"chains, {clients} clients: {rate:0} executions/s, {rate * 10:0} node executions/s, p50 {At(latencies, 0.5):0.0} ms, p99 {At(latencies, 0.99):0.0} ms"));
}

static async Task<List<double>> MeasureAsync(List<LoadUser> users, int clients, TimeSpan length)
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

static double At(List<double> sorted, double part) => sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * part)];

static string Memory(string processId) =>
    string.Join(", ", File.ReadLines($"/proc/{processId}/status").Where(line => line.StartsWith("VmRSS", StringComparison.Ordinal) || line.StartsWith("VmHWM", StringComparison.Ordinal))
        .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
