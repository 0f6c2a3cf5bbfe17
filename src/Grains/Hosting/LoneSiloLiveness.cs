namespace Grainflow.Grains.Hosting;

/// <summary>
/// One process per database, which holds the instance lock: every other incarnation is dead, because it would hold the
/// lock otherwise (DESIGN section 2).
/// </summary>
/// <param name="self">This process.</param>
public sealed class LoneSiloLiveness(SiloIdentity self) : ISiloLiveness
{
    /// <inheritdoc/>
    public bool IsGone(string incarnation) => !string.Equals(incarnation, self.Name, StringComparison.Ordinal);
}
