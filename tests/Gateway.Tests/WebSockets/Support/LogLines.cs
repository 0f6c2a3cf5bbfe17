using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>What the server wrote to its log.</summary>
/// <param name="least">Lines below this level are left out.</param>
internal sealed class LogLines(LogLevel least = LogLevel.Information) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public bool Has(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public override string ToString() => string.Join('\n', _lines);

    public void Dispose()
    {
        // It is read after the host has ended.
    }
}
