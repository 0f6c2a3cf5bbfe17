using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Data;

[Block("a3cf3f64-6bb9-4cc6-9900-608a0b3359b0", "Tells whether an object has no keys.", "BASIC")]
internal sealed class DictionaryIsEmptyBlock : PureBlock<DictionaryIsEmptyBlock.Input, DictionaryIsEmptyBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.IsEmpty), input.Dictionary.GetPropertyCount() == 0)];

    internal sealed record Input
    {
        [Pin(Type = "object")]
        public required JsonElement Dictionary { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool IsEmpty { get; init; }
    }
}
