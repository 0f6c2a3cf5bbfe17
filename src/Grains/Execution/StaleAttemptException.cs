namespace Grainflow.Grains.Execution;

/// <summary>The run no longer listens to this attempt: it ended, or another attempt has taken over.</summary>
internal sealed class StaleAttemptException() : Exception("This attempt no longer counts.");
