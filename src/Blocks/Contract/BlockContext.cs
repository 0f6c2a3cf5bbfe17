using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Contract;

/// <summary>What a block may use of the run it is part of.</summary>
public sealed class BlockContext
{
    /// <summary>The user who runs the graph.</summary>
    public required string UserId { get; init; }

    /// <summary>The graph that runs.</summary>
    public required string GraphId { get; init; }

    /// <summary>The version of that graph, 1 or more.</summary>
    public int GraphVersion { get; init; } = 1;

    /// <summary>The graph execution.</summary>
    public required string RunId { get; init; }

    /// <summary>The node that runs the block.</summary>
    public required string NodeId { get; init; }

    /// <summary>The node execution.</summary>
    public required string NodeExecutionId { get; init; }

    /// <summary>The clock. Blocks never read the wall clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The user's IANA time zone, <c>UTC</c> when not set.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>The one way out: refuses private addresses and re-checks redirects.</summary>
    public required IOutgoingHttp Http { get; init; }

    /// <summary>Language models.</summary>
    public required IChatModels Models { get; init; }

    /// <summary>The files of this run.</summary>
    public required IRunFiles Files { get; init; }

    /// <summary>Secrets by credentials pin. They are handed over here and never stand in the input.</summary>
    public IReadOnlyDictionary<string, Credential> Credentials { get; init; } = new Dictionary<string, Credential>(StringComparer.Ordinal);

    /// <summary>Who decides on sensitive actions; null when the graph does not ask for reviews (contract: semantics 2.12).</summary>
    public IActionReviews? Reviews { get; init; }

    /// <summary>What the block counts for the node's statistics.</summary>
    public BlockUsage Usage { get; } = new();

    /// <summary>True once the node waits for a person: it is not finished, and runs again when there is a decision (contract: semantics 2.12).</summary>
    public bool InReview { get; private set; }

    /// <summary>The part of this that a block which only computes may have.</summary>
    public ComputationContext ForComputation() => new()
    {
        UserId = UserId,
        GraphId = GraphId,
        GraphVersion = GraphVersion,
        RunId = RunId,
        NodeId = NodeId,
        NodeExecutionId = NodeExecutionId,
        Clock = Clock,
        UserTimeZone = UserTimeZone,
    };

    /// <summary>Says that the node waits for a person. The block ends after this without outputs.</summary>
    public void PauseForReview() => InReview = true;
}
