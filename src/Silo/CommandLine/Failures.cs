using Grainflow.Engine.Graphs;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Migrations;

namespace Grainflow.Silo.CommandLine;

/// <summary>The exit codes of the process (README, "Exit codes of ./run").</summary>
internal static class ExitCodes
{
    /// <summary>The run is COMPLETED, every case of the scenario holds, or the server was stopped.</summary>
    public const int Success = 0;

    /// <summary>The run ended otherwise or was refused, or the process failed.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong, a file is not there, or no case of the scenario is meant for the agent.</summary>
    public const int Usage = 2;

    /// <summary>The silo of this process was declared dead by its cluster; started again, the process is another one (EX_TEMPFAIL of sysexits.h).</summary>
    public const int StartAgain = 75;

    /// <summary>The command was interrupted by Ctrl-C or TERM before its run had ended.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command cannot be carried out; the message says what is wrong and what the user can do.</summary>
internal sealed class CliException(string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>What the user reads when the process ends with an exception. Never a stack trace, unless LOG_STACK_TRACES asks for it.</summary>
internal static class Failures
{
    /// <summary>The message for standard error, and the exit code.</summary>
    /// <param name="exception">What ended the process.</param>
    /// <param name="interrupted">True when Ctrl-C or TERM was received.</param>
    /// <param name="variable">Looks up environment variables.</param>
    public static (string Message, int ExitCode) Describe(Exception exception, bool interrupted, Func<string, string?> variable) => exception switch
    {
        CliException expected => (expected.Message, expected.ExitCode),
        OperationCanceledException when interrupted => ("Interrupted. Unfinished runs go on at the next start with this data folder.", ExitCodes.Interrupted),
        OperationCanceledException => ("The database connection that holds the instance lock was lost, so this process has ended. Unfinished runs go on at the next start.", ExitCodes.Refused),
        SettingsException or DataInUseException or MigrationException or GraphValidationException or OutputException => (exception.Message, ExitCodes.Refused),
        _ when DatabaseProblem.Find(exception, variable("DIRECT_URL") is { Length: > 0 } ? "DATABASE_URL or DIRECT_URL" : "DATABASE_URL") is { } problem => ($"The database cannot be used: {problem}", ExitCodes.Refused),
        _ => (Unexpected(exception, variable), ExitCodes.Refused),
    };

    /// <summary>Ends the process with one line for an exception that no code expected, on whatever thread it was thrown.</summary>
    public static void HandleUnhandled() => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        if (unhandled.ExceptionObject is Exception exception) Console.Error.WriteLine(Unexpected(exception, Environment.GetEnvironmentVariable));
        // Ends before the runtime prints the stack trace.
        Environment.Exit(ExitCodes.Refused);
    };

    private static string Unexpected(Exception exception, Func<string, string?> variable)
    {
        if (variable(Settings.StackTraces) is { } shown && SettingsMap.ToFlag(shown) == true) return $"Grainflow stopped: {exception}";
        var cause = exception is AggregateException { InnerExceptions.Count: 1 } ? exception.GetBaseException() : exception;
        return $"Grainflow stopped: {cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ")} (with {Settings.StackTraces}=true it says where)";
    }
}
