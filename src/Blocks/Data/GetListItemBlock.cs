using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Data;

[Block("262ca24c-1025-43cf-a578-534e23234e97", "Picks a list element by index.", "BASIC")]
internal sealed class GetListItemBlock : PureBlock<GetListItemBlock.Input, GetListItemBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        ListPosition.Find(input.Index, input.List.GetArrayLength()) is { } at ? [Emit(nameof(Output.Item), input.List[at])] : throw new BlockException("Index out of range");

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }

        public required long Index { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Item { get; init; }
    }
}
