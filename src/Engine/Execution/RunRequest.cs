using System.Collections.Immutable;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>What a caller asks for when a graph is to run (contract: semantics 2.2).</summary>
public sealed record RunRequest
{
    /// <summary>The id of the new run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Who runs it.</summary>
    public required string UserId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Values by input name. Names the graph does not have are ignored.</summary>
    public ImmutableDictionary<string, JsonElement> Inputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Node id to values laid over its pins, credentials included.</summary>
    public ImmutableDictionary<string, PinValues> Masks { get; init; } = ImmutableDictionary<string, PinValues>.Empty;

    /// <summary>The user's IANA time zone.</summary>
    public string UserTimeZone { get; init; } = "UTC";

    /// <summary>The run that asks, or null for a root run.</summary>
    public ParentRun? Parent { get; init; }
}
