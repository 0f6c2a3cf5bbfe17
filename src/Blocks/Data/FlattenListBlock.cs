using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("cc45bb0f-d035-4756-96a7-fe3e36254b4d", "Flattens a nested list, wholly or by some levels.", "BASIC")]
internal sealed class FlattenListBlock : PureBlock<FlattenListBlock.Input, FlattenListBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (input.MaxDepth < -1) throw new BlockException($"max_depth must be -1 (unlimited) or a non-negative integer, got {input.MaxDepth}");
        var flat = new List<JsonElement>();
        Flatten(input.NestedList, input.MaxDepth == -1 ? long.MaxValue : input.MaxDepth, flat);
        yield return Emit(nameof(Output.FlattenedList), JsonValues.Array(flat));
        yield return Emit(nameof(Output.Length), flat.Count);
        yield return Emit(nameof(Output.OriginalDepth), DepthOf(input.NestedList));
    }

    // The recursion is bounded by JsonValues.MaxDepth, which every input has passed.
    private static void Flatten(JsonElement list, long levels, List<JsonElement> flat)
    {
        foreach (var element in list.EnumerateArray())
        {
            if (levels > 0 && element.ValueKind == JsonValueKind.Array) Flatten(element, levels - 1, flat);
            else flat.Add(element);
        }
    }

    private static long DepthOf(JsonElement list) => 1 + list.EnumerateArray().Where(element => element.ValueKind == JsonValueKind.Array).Select(DepthOf).DefaultIfEmpty().Max();

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement NestedList { get; init; }

        public long MaxDepth { get; init; } = -1;
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array")]
        public required JsonElement FlattenedList { get; init; }

        public required long Length { get; init; }

        public required long OriginalDepth { get; init; }
    }
}
