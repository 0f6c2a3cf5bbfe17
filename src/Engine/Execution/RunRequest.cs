using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Execution;

/// <summary>The request for a run of a graph (contract: semantics 2.2).</summary>
public sealed record RunRequest
{
    /// <summary>The id of the new run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The user who owns the run and is charged for it.</summary>
    public required string UserId { get; init; }

    /// <summary>The time of the request, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The values by input name. Names that the graph does not have are ignored.</summary>
    public ImmutableDictionary<string, JsonElement> Inputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Values that replace those of pins, including credentials, by node id.</summary>
    public ImmutableDictionary<string, PinValues> Masks { get; init; } = ImmutableDictionary<string, PinValues>.Empty;

    /// <summary>
    /// The credentials that the masks and constants name, as far as the user has them or the platform offers them, by id; null when nobody has looked, so that a credential that is
    /// missing shows when its node runs.
    /// </summary>
    public IReadOnlyDictionary<string, CredentialFacts>? Credentials { get; init; }

    /// <summary>The graphs that the graph's Agent nodes run, directly or through others, which are checked for placeholders before anything runs; empty for a sub-agent.</summary>
    public IReadOnlyCollection<GraphIndex> SubAgents { get; init; } = [];

    /// <summary><see cref="RunSpec.IsDryRun"/> of the new run.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The user's IANA time zone.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>The most credits that the run may spend, of a sub-agent that of its root run; 0 or more, null for no budget.</summary>
    public long? MaxCost { get; init; }

    /// <summary><see cref="RunSpec.SkipsReviews"/> of the new run.</summary>
    public bool SkipsReviews { get; init; }

    /// <summary><see cref="RunSpec.ReviewsSensitiveActions"/> of the new run.</summary>
    public bool ReviewsSensitiveActions { get; init; }

    /// <summary>For a sub-agent, the run that starts it; else null.</summary>
    public ParentRun? Parent { get; init; }
}

/// <summary>The run that starts a sub-agent.</summary>
/// <param name="RunId">The parent run.</param>
/// <param name="NodeExecutionId">The execution of its Agent node.</param>
/// <param name="RootRunId">The topmost run, which was not started by another run.</param>
/// <param name="Depth">The depth of the parent run; 0 for a root run.</param>
public sealed record ParentRun(Guid RunId, Guid NodeExecutionId, Guid RootRunId, int Depth);

/// <summary>What a stored credential is, without its secret.</summary>
/// <param name="Provider">The provider, for example <c>github</c>.</param>
/// <param name="Type">The type, for example <c>api_key</c>.</param>
public sealed record CredentialFacts(string Provider, string Type);
