namespace Grainflow.Grains.Execution;

/// <summary>The run could not record an output.</summary>
internal sealed class RefusedOutputException(string message) : Exception(message);
