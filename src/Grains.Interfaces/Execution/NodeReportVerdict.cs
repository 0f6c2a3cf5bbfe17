namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What became of a report.</summary>
[GenerateSerializer, Alias("grainflow.NodeReportVerdict")]
public enum NodeReportVerdict
{
    /// <summary>Recorded, now or before.</summary>
    Accepted = 0,

    /// <summary>It no longer counts: the node must stop.</summary>
    Stale = 1,

    /// <summary>The database cannot hold it: the node must fail instead.</summary>
    Refused = 2,
}
