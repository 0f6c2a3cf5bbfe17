namespace Grainflow.Grains;

/// <summary>Ids from the operating system's source of randomness.</summary>
public sealed class RandomIds : IIdSource
{
    /// <inheritdoc/>
    public Guid NewId() => Guid.NewGuid();
}
