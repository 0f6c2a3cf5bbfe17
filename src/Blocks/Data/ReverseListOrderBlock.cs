using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("422cb708-3109-4277-bfe3-bc2ae5812777", "Reverses a list.", "BASIC")]
internal sealed class ReverseListOrderBlock : PureBlock<ReverseListOrderBlock.Input, ReverseListOrderBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Output.ReversedList), JsonValues.Array(input.InputList.EnumerateArray().Reverse()))];

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement InputList { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement ReversedList { get; init; }
    }
}
