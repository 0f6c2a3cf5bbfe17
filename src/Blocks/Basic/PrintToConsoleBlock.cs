using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Basic;

[Block("f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c", "Debug echo of whatever arrives.", "BASIC", SensitiveAction = true)]
internal sealed class PrintToConsoleBlock : PureBlock<PrintToConsoleBlock.Input, PrintToConsoleBlock.Outputs>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Outputs.Output), input.Text), Emit(nameof(Outputs.Status), "printed")];

    internal sealed record Input
    {
        public required JsonElement Text { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required JsonElement Output { get; init; }

        public required string Status { get; init; }
    }
}
