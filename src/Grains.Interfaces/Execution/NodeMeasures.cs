namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>What a node execution measured (contract: semantics 2.11).</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NodeMeasures")]
public sealed record NodeMeasures
{
    /// <summary>Seconds.</summary>
    [Id(0)]
    public double WallTime { get; init; }

    /// <summary>Characters of JSON that went in.</summary>
    [Id(1)]
    public long InputSize { get; init; }

    /// <summary>Characters of JSON that came out.</summary>
    [Id(2)]
    public long OutputSize { get; init; }

    /// <summary>Calls to a language model.</summary>
    [Id(3)]
    public int LlmCalls { get; init; }

    /// <summary>Repeated calls to a language model.</summary>
    [Id(4)]
    public int LlmRetries { get; init; }

    /// <summary>Tokens sent.</summary>
    [Id(5)]
    public long InputTokens { get; init; }

    /// <summary>Tokens received.</summary>
    [Id(6)]
    public long OutputTokens { get; init; }

    /// <summary>Credits a sub-agent spent.</summary>
    [Id(7)]
    public long ExtraCost { get; init; }

    /// <summary>Node executions of a sub-agent.</summary>
    [Id(8)]
    public int ExtraSteps { get; init; }
}
