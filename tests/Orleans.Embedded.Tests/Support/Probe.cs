using System.Collections.Concurrent;

namespace Orleans.Embedded.Tests.Support;

/// <summary>What a test and its grains share: named gates, and what happened, in order.</summary>
public sealed class Probe
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _events = new();

    public IReadOnlyList<string> Events => [.. _events];

    public bool Has(string what) => _events.Contains(what, StringComparer.Ordinal);

    public int Count(string what) => _events.Count(candidate => candidate == what);

    /// <summary>Opens the gate of this name, now or for whoever comes later.</summary>
    public void Open(string gate) => Gate(gate).TrySetResult();

    /// <summary>Waits for the gate of this name.</summary>
    public Task Opened(string gate) => Gate(gate).Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Notes that something happened and opens the gate of the same name.</summary>
    public void Happened(string what)
    {
        _events.Enqueue(what);
        Open(what);
        Open($"{what}#{Count(what)}");
    }

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
