namespace Grainflow.Grains;

/// <summary>The storage provider of grain state.</summary>
public static class StateStorage
{
    /// <summary>Its name in attributes and wiring.</summary>
    public const string Name = "grainflow";
}
