using System.Collections.Immutable;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>Everything a run starts from; with the log, all that is needed to rebuild it (contract: semantics 2.2).</summary>
public sealed record RunSpec
{
    /// <summary>The run's id.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who runs it, and pays.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph.</summary>
    public required string GraphId { get; init; }

    /// <summary>Its version, pinned at the start.</summary>
    public required int GraphVersion { get; init; }

    /// <summary>When the run was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The nodes that begin, in order.</summary>
    public required ImmutableArray<StartNode> Starts { get; init; }

    /// <summary>Node id to values laid over its inputs: credentials and the caller's own masks, compiled.</summary>
    public ImmutableDictionary<string, PinValues> Masks { get; init; } = ImmutableDictionary<string, PinValues>.Empty;

    /// <summary>Nodes passed over because their optional credentials are missing.</summary>
    public ImmutableHashSet<string> NodesToSkip { get; init; } = [];

    /// <summary>The user's IANA time zone; <c>UTC</c> when not set.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>How many runs are above this one; 0 for a root run.</summary>
    public int Depth { get; init; }

    /// <summary>The run at the top; this run itself for a root run.</summary>
    public Guid RootRunId { get; init; }

    /// <summary>The run that started this one, or null.</summary>
    public Guid? ParentRunId { get; init; }

    /// <summary>The node execution that started this run, or null.</summary>
    public Guid? ParentNodeExecutionId { get; init; }

    /// <summary>The W3C trace context (<c>traceparent</c>) below which the run stands; null when it is not traced. No rule looks at it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The values laid over a node's inputs, or null.</summary>
    /// <param name="nodeId">A node id.</param>
    public PinValues? Mask(string nodeId) => Masks.GetValueOrDefault(nodeId);

    /// <summary>The inputs of the graph as the caller gave them; kept for readers.</summary>
    public ImmutableDictionary<string, JsonElement> Inputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}
