namespace Grainflow.Engine.Projection;

/// <summary>
/// How much of large inputs and outputs the live events of a run show, and how much of them a projection holds. The limits keep the bytes of all live events of
/// a run proportional to the bytes of its log. Without them the bytes would grow with its square, because each event shows its subject and not a change of it.
/// </summary>
/// <remarks>
/// The first events of a subject (the run, or a node execution) and its last one are complete: they show the inputs, and all outputs that are held. The others are
/// brief: they show shortened inputs, each output that no event of the subject has shown yet, and as many of the other outputs as fit. An event that leaves
/// something out says so, and REST shows everything.
/// </remarks>
public sealed record EventLimits
{
    /// <summary>The default limits.</summary>
    public static readonly EventLimits Default = new();

    /// <summary>How many events of a subject are complete before the brief ones begin. 1 or more.</summary>
    public int CompleteEvents { get; init; } = 20;

    /// <summary>How many values of an output map are held, and shown at most: the first half and the last half. 2 or more.</summary>
    public int MaxValues { get; init; } = 100;

    /// <summary>Bytes of the inputs in a brief event, and bytes of the outputs in it that earlier events have shown. 64 or more.</summary>
    public int BriefBytes { get; init; } = 1024;

    /// <summary>Bytes of one output map that are held, and bytes of one value; a larger value is cut in the middle. Half of the largest message (contract: semantics 7.3).</summary>
    public int MapBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of the outputs that a projection holds for the run and all its open node executions. Beyond that, a map that gets a value drops its other values.</summary>
    public long HeldBytes { get; init; } = 64L * 1024 * 1024;
}
