using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Input;

/// <summary>The pins of a graph input. Kinds of inputs override what differs; what they only inherit is never converted.</summary>
internal record AgentInput
{
    public required string Name { get; init; }

    public virtual JsonElement Value { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    [Pin(Hidden = true)]
    public virtual IReadOnlyList<JsonElement> PlaceholderValues { get; init; } = [];

    public bool Advanced { get; init; }

    public bool Secret { get; init; }
}
