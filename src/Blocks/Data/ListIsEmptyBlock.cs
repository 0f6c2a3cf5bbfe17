using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Data;

[Block("896ed73b-27d0-41be-813c-c1c1dc856c03", "Tells whether a list has no elements.", "BASIC")]
internal sealed class ListIsEmptyBlock : PureBlock<ListIsEmptyBlock.Input, ListIsEmptyBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.IsEmpty), input.List.GetArrayLength() == 0)];

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool IsEmpty { get; init; }
    }
}
