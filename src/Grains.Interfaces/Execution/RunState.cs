using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>The durable state of a run.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.RunState")]
public sealed record RunState
{
    /// <summary>A status of the contract, for example <c>RUNNING</c>.</summary>
    [Id(0)]
    public required string Status { get; init; }

    /// <summary>Why it failed, or null.</summary>
    [Id(1)]
    public string? Error { get; init; }

    /// <summary>The last committed sequence number of its log.</summary>
    [Id(2)]
    public required long Sequence { get; init; }

    /// <summary>Its statistics, a JSON object with the API's names.</summary>
    [Id(3)]
    public required JsonPayload Stats { get; init; }
}

/// <summary>The durable state of a sub-agent's run, with the outputs since a position of its log.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ChildProgress")]
public sealed record ChildProgress
{
    /// <summary>Values of Output nodes by output name, in the order of the log.</summary>
    [Id(0)]
    public required ImmutableArray<EmittedOutput> Outputs { get; init; }

    /// <summary>The position up to which this answer goes; the next call continues after it.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>A status of the contract, for example <c>RUNNING</c>.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary>Why it failed, or null.</summary>
    [Id(3)]
    public string? Error { get; init; }

    /// <summary>The credits charged so far.</summary>
    [Id(4)]
    public long Cost { get; init; }

    /// <summary>The number of node executions that ended so far.</summary>
    [Id(5)]
    public int Steps { get; init; }

    /// <summary>
    /// The losses in the run and in its sub-agents, for the warnings of its parent, JSON in the Engine's stored form;
    /// null when there are none, and before its end.
    /// </summary>
    [Id(6)]
    public JsonPayload? Warnings { get; init; }
}
