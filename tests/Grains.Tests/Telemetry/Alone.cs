namespace Grainflow.Grains.Tests.Telemetry;

/// <summary>Tests that nobody else may listen to: spans have listeners for the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone in the process";
}
