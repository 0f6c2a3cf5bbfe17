using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Basic;

[Block("1ff065e9-88e8-4358-9d82-8dc91f622ba9", "Keeps a constant and hands it out repeatedly.", "BASIC", StaticOutput = true)]
internal sealed class StoreValueBlock : PureBlock<StoreValueBlock.Inputs, StoreValueBlock.Outputs>
{
    public override bool IsBrief => true;

    // A constant that is false in Python, such as 0 or an empty text, is treated as absent (contract: block-tiers, quirk 6).
    protected override IEnumerable<BlockOutput> Run(Inputs input, ComputationContext context) =>
        [Emit(nameof(Outputs.Output), Truth.IsTruthy(input.Data) ? input.Data : input.Input)];

    internal sealed record Inputs
    {
        public required JsonElement Input { get; init; }

        public JsonElement Data { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required JsonElement Output { get; init; }
    }
}
