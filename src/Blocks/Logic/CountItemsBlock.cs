using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Logic;

[Block("3c9c2f42-b0c3-435f-ba35-05f7a25c772a", "Length of a list, object or text.", "LOGIC")]
internal sealed class CountItemsBlock : PureBlock<CountItemsBlock.Input, CountItemsBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.Count), Count(input.Collection))];

    private static long Count(JsonElement collection) => collection.ValueKind switch
    {
        JsonValueKind.Array => collection.GetArrayLength(),
        JsonValueKind.Object => collection.GetPropertyCount(),
        // Counts code points, as Python does: an emoji outside the basic plane counts once.
        JsonValueKind.String => collection.GetString()!.EnumerateRunes().Count(),
        _ => -1,
    };

    internal sealed record Input
    {
        public required JsonElement Collection { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required long Count { get; init; }
    }
}
