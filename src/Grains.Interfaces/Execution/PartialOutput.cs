namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>
/// The text of an output pin as far as it has come, for the listeners of its user that ask for such texts (ADR 0040). It is a hint that may be lost, late or followed by another text; the
/// output is what the log gets when the text is complete.
/// </summary>
[GenerateSerializer, Immutable, Alias("grainflow.PartialOutput")]
public sealed record PartialOutput
{
    /// <summary>The most bytes of <see cref="Text"/> in UTF-8.</summary>
    public const int MostBytes = 16 * 1024;

    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>The graph of the run.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph.</summary>
    [Id(2)]
    public required int GraphVersion { get; init; }

    /// <summary>The node execution.</summary>
    [Id(3)]
    public required Guid NodeExecutionId { get; init; }

    /// <summary>The node.</summary>
    [Id(4)]
    public required string NodeId { get; init; }

    /// <summary>The block of the node.</summary>
    [Id(5)]
    public required string BlockId { get; init; }

    /// <summary>The output pin.</summary>
    [Id(6)]
    public required string Pin { get; init; }

    /// <summary>The text so far, or its end.</summary>
    [Id(7)]
    public required string Text { get; init; }

    /// <summary>True when the text has more before.</summary>
    [Id(8)]
    public bool IsCut { get; init; }

    /// <summary>A description without the text: messages may be logged, and answers of models must not be.</summary>
    public override string ToString() => $"{RunId} {NodeExecutionId} {Pin}";
}

/// <summary>A listener that shows texts while they are made.</summary>
/// <param name="IsWanted">Whether somebody looks at them at the moment. Called from any thread.</param>
/// <param name="Received">Called for each text, from any thread; it must return at once.</param>
public sealed record PartialListener(Func<bool> IsWanted, Action<PartialOutput> Received);
