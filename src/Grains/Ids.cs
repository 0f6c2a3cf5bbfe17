namespace Grainflow.Grains;

/// <summary>The source of new ids; injected, so that tests can predict them.</summary>
public interface IIdSource
{
    /// <summary>A new random UUID (version 4).</summary>
    Guid NewId();
}

/// <summary>Ids from the operating system's source of randomness.</summary>
public sealed class RandomIds : IIdSource
{
    /// <inheritdoc/>
    public Guid NewId() => Guid.NewGuid();
}
