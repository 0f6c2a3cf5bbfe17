namespace Grainflow.Grains.Hosting;

/// <summary>Says which incarnations are dead. This decides who acts; the epoch of a run decides who may write.</summary>
public interface ISiloLiveness
{
    /// <summary>True when the incarnation is known to be dead. False means alive or not known.</summary>
    /// <param name="incarnation">As it stands in the log.</param>
    bool IsGone(string incarnation);
}
