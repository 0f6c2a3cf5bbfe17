using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

[Block("716a67b3-6760-42e7-86dc-18645c6e00fc", "Current date and time in a chosen format.", "TEXT")]
internal sealed class GetCurrentDateAndTimeBlock : PureBlock<GetCurrentDateAndTimeBlock.Input, GetCurrentDateAndTimeBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.DateTime), input.FormatType.Now(context))];

    internal sealed record Input
    {
        public required string Trigger { get; init; }

        public DateTimeFormat FormatType { get; init; } = new StrftimeFormat();
    }

    internal sealed record Output : BlockResult
    {
        public required string DateTime { get; init; }
    }
}
