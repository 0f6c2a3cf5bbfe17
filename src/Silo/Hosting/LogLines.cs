using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Grainflow.Silo.Hosting;

/// <summary>What the log lines show, which depends on what the process is doing.</summary>
/// <param name="wanted">LOG_STACK_TRACES: whether lines of level error and above show where the error was thrown; null for those of a server that serves.</param>
internal sealed class LogDetail(bool? wanted)
{
    private volatile bool _stackTraces = wanted ?? false;
    private volatile bool _stopping;

    /// <summary>True to show stack traces.</summary>
    public bool StackTraces => _stackTraces;

    /// <summary>True while a command stops. Calls between grains fail then, which Orleans and Polly log and retry; the user has no use for these lines.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Called when a command begins to stop its host.</summary>
    public void Stopping() => _stopping = true;

    /// <summary>Called when a server has started: from then on standard error is its log.</summary>
    public void Serving() => _stackTraces = wanted ?? true;
}

/// <summary>Writes each log entry on one line: time in UTC, level, category, id, message, error.</summary>
/// <param name="detail">Whether errors show where they were thrown.</param>
/// <param name="clock">The time of the line.</param>
internal sealed class LogLines(LogDetail detail, TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name under which the console logger finds this formatter.</summary>
    public const string FormatterName = "grainflow";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (detail.IsStopping && entry.LogLevel < LogLevel.Critical && (IsOf(entry.Category, "Orleans") || IsOf(entry.Category, "Polly"))) return;
        var level = entry.LogLevel switch
        {
            LogLevel.Critical => "crit",
            LogLevel.Error => "fail",
            LogLevel.Warning => "warn",
            LogLevel.Information => "info",
            LogLevel.Debug => "dbug",
            _ => "trce",
        };
        var message = entry.Formatter(entry.State, entry.Exception);
        var error = entry.Exception is null ? "" : " " + (detail.StackTraces && entry.LogLevel >= LogLevel.Error ? entry.Exception.ToString() : Chain(entry.Exception));
        textWriter.WriteLine($"{clock.GetUtcNow():HH:mm:ss.fff} {level}: {entry.Category}[{entry.EventId.Id}] {message}{error}".ReplaceLineEndings(" "));
    }

    private static bool IsOf(string category, string library) =>
        category.StartsWith(library, StringComparison.Ordinal) && (category.Length == library.Length || category[library.Length] == '.');

    private static string Chain(Exception error)
    {
        var text = $"{error.GetType().Name}: {error.Message}";
        return error.InnerException is { } inner ? $"{text} ({Chain(inner)})" : text;
    }
}
