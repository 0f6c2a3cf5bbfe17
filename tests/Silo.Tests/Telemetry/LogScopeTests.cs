using System.Diagnostics;
using Grainflow.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grainflow.Silo.Tests.Telemetry;

public sealed class LogScopeTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("http://127.0.0.1:1", true)]
    public void Lines_of_the_log_name_their_span_when_spans_are_sent(string? collector, bool named)
    {
        var settings = Settings.Read(name => name switch { "DATABASE_URL" => "Host=nowhere", "OTEL_EXPORTER_OTLP_ENDPOINT" => collector, _ => null });
        var lines = new Lines();
        using var host = GrainflowHost.Build(settings, new OrleansPorts(11111), services => services.AddSingleton<ILoggerProvider>(lines));
        using var span = new Activity("work").Start();

        host.Services.GetRequiredService<ILogger<LogScopeTests>>().LogWarning("It happened.");

        var line = Assert.Single(lines.Written);
        Assert.Equal(named, line.Contains(span.TraceId.ToHexString(), StringComparison.Ordinal));
        Assert.Equal(named, line.Contains(span.SpanId.ToHexString(), StringComparison.Ordinal));
    }

    private sealed class Lines : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider? _scopes;

        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new List<string> { formatter(state, exception) };
            _scopes?.ForEachScope(static (scope, parts) => parts.Add(scope?.ToString() ?? ""), line);
            Written.Add(string.Join(' ', line));
        }

        public void Dispose()
        {
            // It is read after the host has ended.
        }
    }
}
