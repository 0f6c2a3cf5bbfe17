namespace Grainflow.Grains.Hosting;

/// <summary>One life of one silo. A process that is started again has another identity.</summary>
/// <param name="Id">Created when the process starts.</param>
public sealed record SiloIdentity(Guid Id)
{
    /// <summary>The id as text, as the log holds it.</summary>
    public string Name { get; } = Id.ToString();
}

/// <summary>
/// Tells which silos are gone, so that what they ran may run elsewhere. It decides who repeats work; who may write to the log of a run is decided by the epoch.
/// </summary>
public interface ISiloLiveness
{
    /// <summary>True when the silo is known to be dead. False when it is alive or when that is not known.</summary>
    /// <param name="silo">The <see cref="SiloIdentity.Name"/> in the log.</param>
    bool IsGone(string silo);
}

/// <summary>
/// The liveness where one process at a time uses the database and holds the instance lock (DESIGN section 2): every other silo is dead, because a living one would
/// hold the lock.
/// </summary>
/// <param name="self">The silo of this process.</param>
public sealed class LoneSiloLiveness(SiloIdentity self) : ISiloLiveness
{
    /// <inheritdoc/>
    public bool IsGone(string silo) => !string.Equals(silo, self.Name, StringComparison.Ordinal);
}
