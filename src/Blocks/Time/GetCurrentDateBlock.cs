using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Time;

[Block("b29c1b50-5d0e-4d9f-8f9d-1b0e6fcbf0b1", "Current date, optionally some days back.", "TEXT")]
internal sealed class GetCurrentDateBlock : PureBlock<GetCurrentDateBlock.Input, GetCurrentDateBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Output.Date), input.FormatType.Now(context, WholeNumberPin.TryRead(input.Offset, out var days) ? days : 0))];

    internal sealed record Input
    {
        public required string Trigger { get; init; }

        // A text that is no integer counts as 0.
        [Pin(Type = "integer|string", Title = "Days Offset")]
        public JsonElement Offset { get; init; } = JsonValues.From(0);

        public DateFormat FormatType { get; init; } = new DateStrftimeFormat();
    }

    internal sealed record Output : BlockResult
    {
        public required string Date { get; init; }
    }
}
