using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("9f616084-1d9f-4f8e-bc00-5b9d2a75cd75", "Takes one element of each list in turn.", "BASIC")]
internal sealed class InterleaveListsBlock : PureBlock<InterleaveListsBlock.Input, InterleaveListsBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var interleaved = new List<JsonElement>();
        var waiting = new Queue<JsonElement.ArrayEnumerator>(input.Lists.EnumerateArray().Select(list => list.EnumerateArray()));
        while (waiting.TryDequeue(out var list))
        {
            // A list that has ended takes no further turn.
            if (!list.MoveNext()) continue;
            interleaved.Add(list.Current);
            waiting.Enqueue(list);
        }

        yield return Emit(nameof(Output.InterleavedList), JsonValues.Array(interleaved));
        yield return Emit(nameof(Output.Length), interleaved.Count);
    }

    internal sealed record Input
    {
        [Pin(Type = "array<array<any>>")]
        public required JsonElement Lists { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array")]
        public required JsonElement InterleavedList { get; init; }

        public required long Length { get; init; }
    }
}
