using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Logic;

[Block("6dbbc4b3-ca6c-42b6-b508-da52d23e13f2", "Routes by equality of input and a reference value.", "LOGIC")]
internal sealed class IfInputMatchesBlock : PureBlock<IfInputMatchesBlock.Inputs, IfInputMatchesBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Inputs input, ComputationContext context)
    {
        var result = ValueEquality.AreEqual(input.Input, input.Value) || ValueEquality.AreEqual(input.Input, Converted(input.Value, input.Input));
        yield return Emit(nameof(Output.Result), result);
        yield return result ? Emit(nameof(Output.YesOutput), input.YesValue) : Emit(nameof(Output.NoOutput), input.NoValue);
    }

    // The value in the type of the input (contract: semantics 2.9).
    private static JsonElement Converted(JsonElement value, JsonElement input)
    {
        PinType type = PythonText.TypeName(input) switch
        {
            "str" => PinType.String,
            "int" => PinType.Integer,
            "float" => PinType.Number,
            "bool" => PinType.Boolean,
            "list" => PinType.Array,
            _ => PinType.Object,
        };
        return Coercion.TryConvert(value, type, out var converted, out var error) ? converted : throw new BlockException(error);
    }

    internal sealed record Inputs
    {
        public required JsonElement Input { get; init; }

        public required JsonElement Value { get; init; }

        public JsonElement YesValue { get; init; }

        public JsonElement NoValue { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool Result { get; init; }

        public required JsonElement YesOutput { get; init; }

        public required JsonElement NoOutput { get; init; }
    }
}
