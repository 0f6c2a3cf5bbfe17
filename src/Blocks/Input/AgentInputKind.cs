using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

/// <summary>A graph input: emits its value unless it is null. False, 0 and the empty text are emitted.</summary>
internal abstract class AgentInputKind<TInput, TOutput> : PureBlock<TInput, TOutput>
    where TInput : AgentInput
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(TInput input, ComputationContext context)
    {
        if (!input.Value.IsNull()) yield return Emit("Result", Normalize(input.Value));
    }

    /// <summary>The value in its canonical form.</summary>
    /// <exception cref="BlockException">The value is none of this kind.</exception>
    protected virtual JsonElement Normalize(JsonElement value) => value;
}
