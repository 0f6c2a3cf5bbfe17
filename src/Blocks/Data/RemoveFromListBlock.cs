using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("d93c5a93-ac7e-41c1-ae5c-ef67e6e9b826", "Removes a list element by index or value.", "BASIC")]
internal sealed class RemoveFromListBlock : PureBlock<RemoveFromListBlock.Input, RemoveFromListBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (Find(input) is not { } at) throw new BlockException("Index or value not found");
        yield return Emit(nameof(Output.UpdatedList), JsonValues.Array(input.List.EnumerateArray().Where((_, index) => index != at)));
        if (input.ReturnItem) yield return Emit(nameof(Output.RemovedItem), input.List[at]);
    }

    private static int? Find(Input input)
    {
        if (input.Index is { } index) return ListPosition.Find(index, input.List.GetArrayLength());
        if (input.Value.IsNull()) return null;
        var at = 0;
        foreach (var element in input.List.EnumerateArray())
        {
            if (ValueEquality.AreEqual(element, input.Value)) return at;
            at++;
        }

        return null;
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }

        public JsonElement Value { get; init; }

        public long? Index { get; init; }

        public bool ReturnItem { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement UpdatedList { get; init; }

        public required JsonElement RemovedItem { get; init; }
    }
}
