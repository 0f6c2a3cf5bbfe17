using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("05309873-9d61-447e-96b5-b804e2511829", "Elements of one list that another list does not have.", "BASIC")]
internal sealed class ListDifferenceBlock : PureBlock<ListDifferenceBlock.Input, ListDifferenceBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        List<JsonElement> difference = [.. Without(input.ListA, input.ListB)];
        if (input.Symmetric) difference.AddRange(Without(input.ListB, input.ListA));
        yield return Emit(nameof(Output.Difference), JsonValues.Array(difference));
        yield return Emit(nameof(Output.Length), difference.Count);
    }

    // Elements that the list has several times stay so.
    private static IEnumerable<JsonElement> Without(JsonElement list, JsonElement others)
    {
        var removed = ValueSet.Of(others);
        return list.EnumerateArray().Where(element => !removed.Contains(element));
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement ListA { get; init; }

        [Pin(Type = "array")]
        public required JsonElement ListB { get; init; }

        public bool Symmetric { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array")]
        public required JsonElement Difference { get; init; }

        public required long Length { get; init; }
    }
}
