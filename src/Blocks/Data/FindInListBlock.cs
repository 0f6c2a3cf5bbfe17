using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("5e2c6d0a-1e37-489f-b1d0-8e1812b23333", "Finds the first index of a value.", "BASIC")]
internal sealed class FindInListBlock : PureBlock<FindInListBlock.Input, FindInListBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var index = 0;
        foreach (var element in input.List.EnumerateArray())
        {
            if (ValueEquality.AreEqual(element, input.Value)) return [Emit(nameof(Output.Index), index), Emit(nameof(Output.Found), value: true)];
            index++;
        }

        return [Emit(nameof(Output.Found), value: false), Emit(nameof(Output.NotFoundValue), input.Value)];
    }

    internal sealed record Input
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }

        public required JsonElement Value { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required long Index { get; init; }

        public required bool Found { get; init; }

        public required JsonElement NotFoundValue { get; init; }
    }
}
