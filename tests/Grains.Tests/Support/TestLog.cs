using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Tests.Support;

/// <summary>Keeps the warnings of the silos: for the message of a test that waits in vain, and for tests that wait for one.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _next = NewSignal();

    public override string ToString()
    {
        lock (_gate) return string.Join('\n', _lines);
    }

    /// <summary>Waits until a text was logged a number of times.</summary>
    public async Task UntilAsync(string text, int times)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (Count(text) >= times) return;
                next = _next.Task;
            }

            await next.WaitAsync(GrainCluster.Patience);
        }
    }

    /// <summary>How often a text was logged.</summary>
    public int Count(string text)
    {
        lock (_gate) return _lines.Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (_gate)
        {
            _lines.Add($"{logLevel}: {formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}");
            _next.TrySetResult();
            _next = NewSignal();
        }
    }

    public void Dispose()
    {
        // It is read after the silo has ended.
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
