using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("b6eb08b6-dbe3-411b-b9b4-2508cb311a1f", "Elements that two lists have in common.", "BASIC")]
internal sealed class ListIntersectionBlock : PureBlock<ListIntersectionBlock.Input, ListIntersectionBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var (others, seen) = (ValueSet.Of(input.ListB), ValueSet.Empty());
        // In the order of the first list, each once.
        var common = input.ListA.EnumerateArray().Where(element => others.Contains(element) && seen.Add(element)).ToList();
        yield return Emit(nameof(Output.Intersection), JsonValues.Array(common));
        yield return Emit(nameof(Output.Length), common.Count);
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement ListA { get; init; }

        [Pin(Type = "array")]
        public required JsonElement ListB { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array")]
        public required JsonElement Intersection { get; init; }

        public required long Length { get; init; }
    }
}
