using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("3cf9298b-5817-4141-9d80-7c2cc5199c8e", "Joins several lists into one.", "BASIC")]
internal sealed class ConcatenateListsBlock : PureBlock<ConcatenateListsBlock.Input, ConcatenateListsBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Output.ConcatenatedList), JsonValues.Array(input.Lists.EnumerateArray().SelectMany(list => list.EnumerateArray())))];

    internal sealed record Input
    {
        [Pin(Type = "array<array<any>>")]
        public required JsonElement Lists { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array")]
        public required JsonElement ConcatenatedList { get; init; }
    }
}
