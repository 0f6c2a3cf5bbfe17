using System.Diagnostics;

namespace Grainflow.Load;

/// <summary>One execution that goes on at a given pace, watched live by many sockets.</summary>
internal static class FanOut
{
    /// <summary>Of a node execution: its output, its end, the execution's numbers, and the start of the next one.</summary>
    private const int EventsPerStep = 4;

    /// <summary>Node executions that wait at the gate at most (the limit of a run).</summary>
    private const int InFlight = 64;

    /// <summary>Watches so many events a second for so long, and prints how many deliveries there were and how late they came.</summary>
    public static async Task MeasureAsync(Uri server, string key, Gate gate, int sockets, int eventsPerSecond, TimeSpan length)
    {
        var stepsPerSecond = (double)eventsPerSecond / EventsPerStep;
        var steps = (int)(stepsPerSecond * length.TotalSeconds);
        await using var user = new LoadUser(server, $"load-fan-out-{eventsPerSecond}-{Guid.NewGuid():N}", key);
        await user.PrepareAsync(Agents.Steps(gate.Address, steps + InFlight));
        var id = await user.StartAsync("{}");
        while (gate.Waiting < InFlight) await Task.Delay(10);

        var listeners = new List<Listener>();
        foreach (var part in Enumerable.Range(0, sockets).Chunk(50))
        {
            var joining = part.Select(_ => new Listener()).ToList();
            await Task.WhenAll(joining.Select(listener => listener.SubscribeAsync(server, user.Token, id)));
            listeners.AddRange(joining);
        }

        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            var ahead = TimeSpan.FromSeconds(step / stepsPerSecond) - Stopwatch.GetElapsedTime(started);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead);
            await gate.ReleaseAsync();
        }

        // Until what was released has arrived everywhere, or nothing more comes.
        for (var before = -1; Total(listeners) > before;)
        {
            before = Total(listeners);
            if (before >= steps * EventsPerStep * sockets) break;
            await Task.Delay(500);
        }

        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var delays = listeners.SelectMany(listener => listener.Delays.ToArray()).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"fan-out, {sockets} sockets, {eventsPerSecond} events/s offered: {Total(listeners) / elapsed:0} deliveries/s, {listeners.Min(listener => listener.Events)} to {listeners.Max(listener => listener.Events)} of {steps * EventsPerStep} events per socket, recorded to read p50 {At(delays, 0.5):0.0} ms, p99 {At(delays, 0.99):0.0} ms"));
        for (var i = 0; i < InFlight; i++) await gate.ReleaseAsync();
        await Task.WhenAll(listeners.Select(listener => listener.Ended.WaitAsync(TimeSpan.FromMinutes(1))));
        foreach (var listener in listeners) listener.Dispose();
    }

    private static int Total(List<Listener> listeners) => listeners.Sum(listener => listener.Events);

    private static double At(List<double> sorted, double part) => sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * part)];
}
