using System.Globalization;
using Grainflow.Load;

// bench/requests.sh calls this.
if (args is ["requests", var folder, var seconds])
{
    await Requests.MeasureAsync(folder, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
    return 0;
}

// bench/schedules.sh calls this.
if (args is ["schedules", var target, var secret, var due])
{
    var connection = Environment.GetEnvironmentVariable("LOAD_DATABASE") ?? throw new InvalidOperationException("LOAD_DATABASE is not set.");
    if (due != "0") await Schedules.FireAsync(new Uri(target), secret, connection, int.Parse(due, CultureInfo.InvariantCulture));
    await Schedules.RegisterAsync(new Uri(target), secret, connection, TimeSpan.FromSeconds(8));
    return 0;
}

// bench/wallets.sh calls this.
if (args is ["wallets", var each])
{
    await Wallets.MeasureAsync(TimeSpan.FromSeconds(int.Parse(each, CultureInfo.InvariantCulture)));
    return 0;
}

// bench/webhooks.sh calls this.
if (args is ["webhooks", var rate, var time])
{
    await Webhooks.MeasureAsync(int.Parse(rate, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(time, CultureInfo.InvariantCulture)));
    return 0;
}

// Load on a running server, over REST and WebSocket. bench/load.sh starts one and calls this.
if (args is not [var server, var key, var processId, var gatePort, ..])
{
    Console.Error.WriteLine("usage: Load SERVER_URL[,SERVER_URL...] JWT_KEY SERVER_PID[,SERVER_PID...] GATE_PORT [SECONDS] [chains|fan-out]");
    Console.Error.WriteLine("       Load requests FOLDER SECONDS");
    Console.Error.WriteLine("       Load schedules SERVER_URL JWT_KEY COUNT");
    Console.Error.WriteLine("       Load wallets SECONDS");
    Console.Error.WriteLine("       Load webhooks DELIVERIES_A_SECOND SECONDS");
    Console.Error.WriteLine("LOAD_DATABASE (a connection string) and LOAD_POSTMASTER (a process id) add what the database does for it.");
    return 2;
}

var length = TimeSpan.FromSeconds(args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 20);
var which = args.Length > 5 ? args[5] : "";
var urls = server.Split(',').Select(text => new Uri(text)).ToList();
var url = urls[0];
var meters = new Meters(
    [.. processId.Split(',').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))],
    Environment.GetEnvironmentVariable("LOAD_DATABASE") is { Length: > 0 } database ? database : null,
    int.TryParse(Environment.GetEnvironmentVariable("LOAD_POSTMASTER"), out var postmaster) ? postmaster : null);
Console.WriteLine($"idle: {meters.Memory()}");
if (which != "fan-out")
{
    await Chains.WarmUpAsync(urls, key, meters);
    foreach (var clients in new[] { 1, 16, 64 }) await Chains.MeasureAsync(urls, key, meters, clients, length);
    await Chains.MeasureOneAsync(url, key, "chain of 1,000", Agents.Chain(1000), 1000);
    await Chains.MeasureOneAsync(url, key, "one node and 999 beside each other", Agents.Wide(999), 1000);
    Console.WriteLine($"after chains: {meters.Memory()}");
}

if (which != "chains")
{
    using var gate = new Gate(int.Parse(gatePort, CultureInfo.InvariantCulture));
    Console.WriteLine("Before it is measured, the code is compiled:");
    foreach (var pace in new[] { 250, 50, 250, 500 }) await FanOut.MeasureAsync(url, key, gate, sockets: 1000, pace, length);
    Console.WriteLine($"after fan-out: {meters.Memory()}");
}

return 0;
