using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

/// <summary>The pins of a graph input. Kinds of inputs override pins that differ; values of pins that they only inherit are not converted to the pin's type.</summary>
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

/// <summary>The base of graph inputs. It emits the value unless that is null; false, 0 and the empty text are emitted.</summary>
internal abstract class AgentInputKind<TInput, TOutput> : PureBlock<TInput, TOutput>
    where TInput : AgentInput
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(TInput input, ComputationContext context)
    {
        if (!input.Value.IsNull()) yield return Emit("Result", Normalize(input.Value));
    }

    /// <summary>Converts the value to its canonical form.</summary>
    /// <exception cref="BlockException">The value is not valid for this kind of input.</exception>
    protected virtual JsonElement Normalize(JsonElement value) => value;
}
