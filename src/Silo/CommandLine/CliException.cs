namespace Grainflow.Silo.CommandLine;

/// <summary>The user asked for something that cannot be done; the message says what is wrong and how to mend it.</summary>
internal sealed class CliException(string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
