namespace Grainflow.Grains;

/// <summary>Where new ids come from; injected, so that tests know them.</summary>
public interface IIdSource
{
    /// <summary>A new random UUID (version 4).</summary>
    Guid NewId();
}
