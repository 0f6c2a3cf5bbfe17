namespace Grainflow.Grains.Execution;

/// <summary>The database cannot hold what a run wanted to record.</summary>
[GenerateSerializer, Alias("grainflow.RunRejected")]
internal sealed class RunRejectedException(string message) : Exception(message);
