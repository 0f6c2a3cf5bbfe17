namespace Grainflow.Engine.Projection;

/// <summary>
/// How much of large inputs and outputs the events of a run show, and how much of them a projection holds. Together they make the bytes of all events of a
/// run grow with its log and not with its square, although each event shows its whole subject as far as the limits go.
/// </summary>
/// <remarks>
/// The first events of a subject (the run, or a node execution) and its last one are complete: they show the inputs, and all outputs that are held. The others are
/// brief: they show short inputs, each output that no event of the subject has shown yet, and of the other outputs what fits. An event that leaves something
/// out says so.
/// </remarks>
public sealed record EventLimits
{
    /// <summary>The limits without a setting.</summary>
    public static readonly EventLimits Default = new();

    /// <summary>Events of a subject that are complete before the brief ones begin. 1 or more.</summary>
    public int CompleteEvents { get; init; } = 20;

    /// <summary>Values of an output map that are held, and shown at most: half of them the first, half the last ones. 2 or more.</summary>
    public int MaxValues { get; init; } = 100;

    /// <summary>Bytes of the inputs, and of the outputs that were shown before, in a brief event. 64 or more.</summary>
    public int BriefBytes { get; init; } = 1024;

    /// <summary>Bytes of one output map that are held, and bytes of one value; a larger value is cut in the middle. Contract: half of the largest message, 8 MiB.</summary>
    public int MapBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of outputs that a projection holds, of the run and of all its open node executions. Beyond, a map that gets a value keeps that one alone.</summary>
    public long HeldBytes { get; init; } = 64L * 1024 * 1024;
}
