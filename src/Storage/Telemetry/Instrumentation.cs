namespace Grainflow.Storage.Telemetry;

/// <summary>What all meters and the source of spans are called.</summary>
public static class Instrumentation
{
    /// <summary>The name of every <c>Meter</c> and of the <c>ActivitySource</c> of this program.</summary>
    public const string Name = "Grainflow";
}
