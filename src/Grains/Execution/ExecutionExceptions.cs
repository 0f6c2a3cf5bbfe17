namespace Grainflow.Grains.Execution;

/// <summary>Another activation has opened the run, or the run has ended. The session of this activation is invalid; the caller may repeat the call.</summary>
[GenerateSerializer, Alias("grainflow.RunSuperseded")]
internal sealed class RunSupersededException(string message) : Exception(message);

/// <summary>The database cannot store what the run recorded, for example a value over a limit. The message is the database's reason.</summary>
[GenerateSerializer, Alias("grainflow.RunRejected")]
internal sealed class RunRejectedException(string message) : Exception(message);

/// <summary>An output exceeds a limit, or the run could not record it. The message becomes the error of the node execution, which the user reads.</summary>
internal sealed class RefusedOutputException(string message) : Exception(message);

/// <summary>The run refuses reports of this attempt: the node execution has ended, or a newer attempt has begun.</summary>
internal sealed class StaleAttemptException() : Exception("This attempt is stale.");
