using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Basic;

[Block("95d1b990-ce13-4d88-9737-ba5c2070c97b", "Casts a value to text, number, boolean, list or object.", "BASIC")]
internal sealed class UniversalTypeConverterBlock : PureBlock<UniversalTypeConverterBlock.Input, UniversalTypeConverterBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        PinType type = input.Type switch
        {
            "string" => PinType.String,
            "number" => PinType.Number,
            "boolean" => PinType.Boolean,
            "list" => PinType.Array,
            _ => PinType.Object,
        };
        return Coercion.TryConvert(input.Value, type, out var result, out var error) ? [Emit(nameof(Output.Value), result)] : throw new BlockException(error);
    }

    internal sealed record Input
    {
        public required JsonElement Value { get; init; }

        [Pin(Type = "enum(string|number|boolean|list|dictionary)", Title = "TypeOptions")]
        public required string Type { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Value { get; init; }
    }
}
