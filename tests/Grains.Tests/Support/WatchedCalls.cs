using System.Collections.Concurrent;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The calls of grains: tells when one has begun, and refuses those that it is told to.</summary>
internal sealed class WatchedCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _next = new(StringComparer.Ordinal);

    /// <summary>The method whose calls fail, or null.</summary>
    public string? Refused { get; set; }

    /// <summary>Completes when the next call of a method has run up to its first wait, or was refused.</summary>
    public Task NextAsync(string method) => (_next[method] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        var refused = context.InterfaceMethod.Name == Refused;
        var call = refused ? Task.FromException(new TimeoutException("The grain cannot be reached.")) : context.Invoke();
        if (_next.TryRemove(context.InterfaceMethod.Name, out var waiting)) waiting.SetResult();
        return call;
    }
}
