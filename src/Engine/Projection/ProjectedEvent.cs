using Grainflow.Engine.Execution;

namespace Grainflow.Engine.Projection;

/// <summary>A live event of a run. Its status and times are read from the projection's state, so it must be written before the next event of the log is applied.</summary>
/// <param name="Sequence">Its number among the live events of the run, from 1, without gaps; a pure function of the log.</param>
/// <param name="LogSequence">The sequence number of the logged event that it follows from; 0 for the run as it was stored.</param>
/// <param name="Node">The node execution it shows, or null for the run itself.</param>
/// <param name="ShortInputs">The inputs as JSON, cut in the middle; null to show them as they are.</param>
/// <param name="Outputs">The outputs that it shows.</param>
public sealed record ProjectedEvent(long Sequence, long LogSequence, NodeExecution? Node, ReadOnlyMemory<byte>? ShortInputs, ShownOutputs Outputs);

/// <summary>An output map as a live event shows it.</summary>
/// <param name="Values">Names with values in the order in which they were emitted. A name may occur several times; each value is written JSON.</param>
/// <param name="Omitted">How many values were left out.</param>
/// <param name="Shortened">True when one of the values was cut in the middle, because it alone exceeds the limit of a map.</param>
public sealed record ShownOutputs(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Values, int Omitted, bool Shortened)
{
    /// <summary>No outputs.</summary>
    public static readonly ShownOutputs None = new([], 0, Shortened: false);
}
