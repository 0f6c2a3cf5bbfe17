using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Grainflow.Load;

// Load on a running server, over REST and WebSocket. bench/load.sh starts one and calls this.
if (args is not [var server, var key, var processId, ..])
{
    Console.Error.WriteLine("usage: Load SERVER_URL JWT_KEY SERVER_PID [SECONDS]");
    return 2;
}

var seconds = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 20;
Console.WriteLine($"idle: {Memory(processId)}");
foreach (var clients in new[] { 16, 64 }) await ChainsAsync(new Uri(server), key, clients, TimeSpan.FromSeconds(seconds));
Console.WriteLine($"after chains: {Memory(processId)}");
await FanOutAsync(new Uri(server), key, sockets: 1000, items: 200);
Console.WriteLine($"after fan-out: {Memory(processId)}");
return 0;

// Chains of ten nodes, each execution durable, for 8 users; an execution counts when its end has arrived at the client.
static async Task ChainsAsync(Uri server, string key, int clients, TimeSpan length)
{
    var users = new List<LoadUser>();
    for (var i = 0; i < 8; i++)
    {
        users.Add(new LoadUser(server, $"load-{clients}-{i}", key));
        await users[i].PrepareAsync(Chain());
    }

    await MeasureAsync(users, clients, TimeSpan.FromSeconds(5));
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

// One execution with many events, watched by many sockets from its first event on.
static async Task FanOutAsync(Uri server, string key, int sockets, int items)
{
    await using var user = new LoadUser(server, "load-fan-out", key);
    await user.PrepareAsync(Items());
    var id = await user.StartAsync($$"""{"items": [{{string.Join(',', Enumerable.Range(0, items))}}]}""");
    var watching = await Task.WhenAll(Enumerable.Range(0, sockets).Select(_ => user.WatchAsync(id)));
    var started = Stopwatch.GetTimestamp();
    var counts = await Task.WhenAll(watching.Select(DrainAsync));
    var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
    foreach (var socket in watching) socket.Dispose();
    Console.WriteLine(FormattableString.Invariant($"fan-out, {sockets} sockets: {counts.Sum() / elapsed:0} deliveries/s ({counts.Min()} to {counts.Max()} events per socket)"));
}

static async Task<int> DrainAsync(ClientWebSocket socket)
{
    var buffer = new byte[256 * 1024];
    var events = 0;
    while (true)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        events++;
        var message = buffer.AsSpan(0, length);
        if (message.IndexOf("\"graph_execution_update\""u8) >= 0 && message.IndexOf("\"status\":\"COMPLETED\""u8) >= 0) return events;
    }
}

static double At(List<double> sorted, double part) => sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * part)];

static string Memory(string processId) =>
    string.Join(", ", File.ReadLines($"/proc/{processId}/status").Where(line => line.StartsWith("VmRSS", StringComparison.Ordinal) || line.StartsWith("VmHWM", StringComparison.Ordinal))
        .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));

static string Chain()
{
    const string StoreValue = "1ff065e9-88e8-4358-9d82-8dc91f622ba9";
    var nodes = new JsonArray();
    var links = new JsonArray();
    for (var i = 0; i < 10; i++)
    {
        nodes.Add(new JsonObject { ["id"] = $"n{i}", ["block_id"] = StoreValue, ["input_default"] = i == 0 ? new JsonObject { ["input"] = "x" } : [], ["metadata"] = new JsonObject() });
        if (i > 0) links.Add(Link($"n{i - 1}", "output", $"n{i}", "input"));
    }

    return Agent("chain", nodes, links);
}

static string Items()
{
    var nodes = new JsonArray
    {
        new JsonObject { ["id"] = "in", ["block_id"] = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b", ["input_default"] = new JsonObject { ["name"] = "items" }, ["metadata"] = new JsonObject() },
        new JsonObject { ["id"] = "each", ["block_id"] = "f66a3543-28d3-4ab5-8945-9b336371e2ce", ["input_default"] = new JsonObject(), ["metadata"] = new JsonObject() },
        new JsonObject { ["id"] = "keep", ["block_id"] = "1ff065e9-88e8-4358-9d82-8dc91f622ba9", ["input_default"] = new JsonObject(), ["metadata"] = new JsonObject() },
    };
    return Agent("items", nodes, [Link("in", "result", "each", "items"), Link("each", "item", "keep", "input")]);
}

static JsonObject Link(string source, string output, string sink, string input) => new()
{
    ["id"] = $"{source}-{sink}",
    ["source_id"] = source,
    ["source_name"] = output,
    ["sink_id"] = sink,
    ["sink_name"] = input,
    ["is_static"] = false,
};

static string Agent(string name, JsonArray nodes, JsonArray links) =>
    new JsonObject { ["id"] = name, ["version"] = 1, ["name"] = name, ["description"] = "", ["nodes"] = nodes, ["links"] = links }.ToJsonString();
