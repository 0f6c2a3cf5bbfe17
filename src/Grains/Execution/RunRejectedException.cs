namespace Grainflow.Grains.Execution;

/// <summary>The database cannot hold what a run wanted to record.</summary>
internal sealed class RunRejectedException(string message) : Exception(message);
