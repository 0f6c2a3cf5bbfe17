using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The calls of grains: tells when one has begun, and refuses those that it is told to.</summary>
internal sealed class WatchedCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, Expected> _expected = new(StringComparer.Ordinal);

    /// <summary>The method whose calls fail, or null.</summary>
    public string? Refused { get; set; }

    /// <summary>What calls of <see cref="Refused"/> fail with.</summary>
    public Func<Exception> Refusal { get; set; } = () => new TimeoutException("The grain cannot be reached.");

    /// <summary>What calls of <see cref="Refused"/> are answered in place of failing; null to let them fail.</summary>
    public Func<object>? Answer { get; set; }

    /// <summary>Lets every report of an attempt be refused, so that the attempt is lost although its process lives. It ends when <see cref="Refused"/> is null.</summary>
    public void LoseAttempts()
    {
        Answer = () => new NodeReportAnswer { Verdict = NodeReportVerdict.Refused, Reason = "The test loses the attempt." };
        Refused = nameof(IGraphExecutionGrain.Report);
    }

    /// <summary>Completes when the next calls of a method have run up to their first wait, or were refused.</summary>
    public Task NextAsync(string method, int count = 1) => (_expected[method] = new Expected(count)).Task;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        var refused = context.InterfaceMethod.Name == Refused;
        var call = refused ? RefuseAsync(context) : context.Invoke();
        if (_expected.TryGetValue(context.InterfaceMethod.Name, out var expected)) expected.Count();
        return call;
    }

    private Task RefuseAsync(IIncomingGrainCallContext context)
    {
        if (Answer is not { } answer) return Task.FromException(Refusal());
        context.Result = answer();
        return Task.CompletedTask;
    }

    private sealed class Expected(int count)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Task => _all.Task;

        public void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0) _all.SetResult();
        }
    }
}
