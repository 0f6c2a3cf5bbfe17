namespace Grainflow.Storage.Telemetry;

/// <summary>The name under which this program measures and records spans.</summary>
public static class Instrumentation
{
    /// <summary>The name of every <c>Meter</c> and of the <c>ActivitySource</c> of this program.</summary>
    public const string Name = "Grainflow";
}
