using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;

namespace Grainflow.Blocks.Contract;

/// <summary>The ids and services of one node execution, for its block.</summary>
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

    /// <summary>The clock. Blocks do not read the wall clock, so that scenarios and tests can set the time.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The user's IANA time zone, <c>UTC</c> when not set.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>The only client for outgoing HTTP. It refuses private addresses, also those of redirects.</summary>
    public required IOutgoingHttp Http { get; init; }

    /// <summary>Connections that are not HTTP, with the same rules.</summary>
    public required IOutgoingStreams Streams { get; init; }

    /// <summary>Where the APIs of integrations are.</summary>
    public IntegrationOptions Integrations { get; init; } = new();

    /// <summary>Language models.</summary>
    public required IChatModels Models { get; init; }

    /// <summary>The files of this run.</summary>
    public required IRunFiles Files { get; init; }

    /// <summary>The values that the agents of the user keep.</summary>
    public required IKeyValues KeyValues { get; init; }

    /// <summary>The agents of the user.</summary>
    public required IAgentLibrary Library { get; init; }

    /// <summary>The marketplace of agents; null where the platform has none.</summary>
    public IAgentStore? Store { get; init; }

    /// <summary>The secrets by credentials pin. The input contains only references to them.</summary>
    public IReadOnlyDictionary<string, Credential> Credentials { get; init; } = new Dictionary<string, Credential>(StringComparer.Ordinal);

    /// <summary>The reviews of sensitive actions; null when the graph does not require reviews (contract: semantics 2.12).</summary>
    public IActionReviews? Reviews { get; init; }

    /// <summary>The nodes that the block may call as tools; empty for blocks that choose none.</summary>
    public IReadOnlyList<ToolNode> Tools { get; init; } = [];

    /// <summary>Runs them in the place of this node; null where that is not possible.</summary>
    public IToolRuns? ToolRuns { get; init; }

    /// <summary>The steps of earlier attempts; null when they are not kept.</summary>
    public IStepJournal? Steps { get; init; }

    /// <summary>Shows a text while it is made; null where nobody could watch.</summary>
    public IPartialText? Partial { get; init; }

    /// <summary>The counters of the block for the statistics of its node.</summary>
    public BlockUsage Usage { get; } = new();

    /// <summary>True when the node waits for a review. It is not finished, and runs again after the decision (contract: semantics 2.12).</summary>
    public bool InReview { get; private set; }

    /// <summary>The part of this context that a block which only computes gets.</summary>
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

    /// <summary>The marketplace, for a block that is nothing without it.</summary>
    /// <exception cref="BlockException">The platform has none.</exception>
    public IAgentStore RequireStore() => Store ?? throw new BlockException("This platform has no marketplace, so that no agent of it can be found.");

    /// <summary>Sets <see cref="InReview"/>. The block then ends without outputs.</summary>
    public void PauseForReview() => InReview = true;
}

/// <summary>The counters of one node execution (contract: semantics 2.11, node statistics). Only one thread at a time writes them.</summary>
public sealed class BlockUsage
{
    /// <summary>The number of calls to language models.</summary>
    public int LlmCalls { get; set; }

    /// <summary>The number of those calls that repeat an earlier one.</summary>
    public int LlmRetries { get; set; }

    /// <summary>The number of tokens sent.</summary>
    public long InputTokens { get; set; }

    /// <summary>The number of tokens received.</summary>
    public long OutputTokens { get; set; }

    /// <summary>The tokens of the last call, prompt and answer together; 0 when there was none.</summary>
    public long ContextUsed { get; set; }

    /// <summary>The most tokens that the model of that call takes, prompt and answer together; 0 when there was none.</summary>
    public int ContextMax { get; set; }

    /// <summary>The credits that tools cost which the block has run in its place, 0 or more.</summary>
    public long ExtraCost { get; set; }

    /// <summary>The number of node executions that they were.</summary>
    public int ExtraSteps { get; set; }

    /// <summary>The number of things that the block has fetched or made, for a price by items; 0 or more.</summary>
    public long Items { get; set; }

    /// <summary>US dollars that the provider asks for the execution, for a price by dollars; 0 or more.</summary>
    public decimal CostUsd { get; set; }
}
