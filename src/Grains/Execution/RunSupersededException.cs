namespace Grainflow.Grains.Execution;

/// <summary>Another activation has taken over the run, or it has ended; this one must be thrown away. The caller may ask again.</summary>
[GenerateSerializer, Alias("grainflow.RunSuperseded")]
internal sealed class RunSupersededException(string message) : Exception(message);
