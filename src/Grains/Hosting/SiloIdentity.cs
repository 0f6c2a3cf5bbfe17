namespace Grainflow.Grains.Hosting;

/// <summary>One life of one process. A process that is started again is another incarnation.</summary>
/// <param name="Id">Made at start.</param>
public sealed record SiloIdentity(Guid Id)
{
    /// <summary>The id as it stands in the log.</summary>
    public string Name { get; } = Id.ToString();
}
