using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("0d0e684f-5cb9-4c4b-b8d1-47a0860e0c07", "Groups the elements that have the same position in several lists.", "BASIC")]
internal sealed class ZipListsBlock : PureBlock<ZipListsBlock.Input, ZipListsBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var lists = input.Lists.EnumerateArray().Select(list => list.EnumerateArray().ToArray()).ToList();
        var lengths = lists.Select(list => list.Length).DefaultIfEmpty();
        var length = input.PadToLongest ? lengths.Max() : lengths.Min();
        if (input.PadToLongest)
        {
            var padding = lists.Sum(list => (long)(length - list.Length));
            new OutputBudget().Take(JsonValues.CompactSize(input.FillValue) + 1L, padding);
        }

        var groups = Enumerable.Range(0, length).Select(at => JsonValues.Array(lists.Select(list => at < list.Length ? list[at] : input.FillValue)));
        yield return Emit(nameof(Output.ZippedList), JsonValues.Array(groups));
        yield return Emit(nameof(Output.Length), length);
    }

    internal sealed record Input
    {
        [Pin(Type = "array<array<any>>")]
        public required JsonElement Lists { get; init; }

        public bool PadToLongest { get; init; }

        public JsonElement FillValue { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array<array<any>>")]
        public required JsonElement ZippedList { get; init; }

        public required long Length { get; init; }
    }
}
