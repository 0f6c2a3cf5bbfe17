namespace Grainflow.Silo.CommandLine;

/// <summary>What the process answers.</summary>
internal static class ExitCodes
{
    /// <summary>The run is COMPLETED, or every case of the scenario holds.</summary>
    public const int Success = 0;

    /// <summary>The run ended otherwise, or was refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong, a file is not there, or no case of the scenario is meant for the agent.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted; the run goes on at the next start.</summary>
    public const int Interrupted = 130;
}
