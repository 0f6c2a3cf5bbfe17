using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98", "Graph input for a whole number.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentNumberInputBlock : AgentInputKind<AgentNumberInputBlock.Input, AgentNumberInputBlock.Output>
{
    // 2.0 is valid for an integer pin and is emitted as 2.
    protected override JsonElement Normalize(JsonElement value) =>
        Coercion.TryConvert(value, PinType.Integer, out var whole, out var error) ? whole : throw new BlockException(error);

    internal sealed record Input : AgentInput
    {
        [Pin(Type = "integer?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }
    }

    internal sealed record Output
    {
        public required long Result { get; init; }
    }
}
