using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("aeb08fc1-2fc1-4141-bc8e-f758f183a822", "Appends or inserts entries into a list.", "BASIC")]
internal sealed class AddToListBlock : PureBlock<AddToListBlock.Input, AddToListBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        // An entry that is false in Python, such as 0 or an empty text, is treated as absent (contract: block-tiers, quirk 6).
        List<JsonElement> added = [.. input.Entries];
        if (Truth.IsTruthy(input.Entry)) added.Add(input.Entry);
        List<JsonElement> list = [.. input.List];
        list.InsertRange(PositionOf(input.Position, list.Count), added);
        return [Emit(nameof(Output.UpdatedList), JsonValues.Array(list))];
    }

    // As Python's list.insert: a negative position counts from the end, and one beyond an end means that end.
    private static int PositionOf(long? position, int count)
    {
        if (position is not { } at) return count;
        return (int)Math.Clamp(at < 0 ? at + count : at, 0, count);
    }

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public IReadOnlyList<JsonElement> List { get; init; } = [];

        [Pin(Advanced = false)]
        public JsonElement Entry { get; init; }

        public IReadOnlyList<JsonElement> Entries { get; init; } = [];

        public long? Position { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement UpdatedList { get; init; }
    }
}
