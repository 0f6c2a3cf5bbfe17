namespace Grainflow.Grains.Execution;

/// <summary>An output passes a limit, or the run could not record it. The message is the reason that the user reads.</summary>
internal sealed class RefusedOutputException(string message) : Exception(message);
