using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("fbf62922-bea1-4a3d-8bac-23587f810b38", "Overwrites a list element at an index.", "BASIC")]
internal sealed class ReplaceListItemBlock : PureBlock<ReplaceListItemBlock.Input, ReplaceListItemBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (ListPosition.Find(input.Index, input.List.GetArrayLength()) is not { } at) throw new BlockException("Index out of range");
        yield return Emit(nameof(Output.UpdatedList), JsonValues.Array(input.List.EnumerateArray().Select((element, index) => index == at ? input.Value : element)));
        yield return Emit(nameof(Output.OldItem), input.List[at]);
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }

        public required long Index { get; init; }

        public required JsonElement Value { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement UpdatedList { get; init; }

        public required JsonElement OldItem { get; init; }
    }
}
