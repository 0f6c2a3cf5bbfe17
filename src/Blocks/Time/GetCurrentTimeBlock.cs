using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

[Block("a892b8d9-3e4e-4e9c-9c1e-75f8efcf1bfa", "Current time in a chosen format and zone.", "TEXT")]
internal sealed class GetCurrentTimeBlock : PureBlock<GetCurrentTimeBlock.Input, GetCurrentTimeBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.Time), input.FormatType.Now(context))];

    internal sealed record Input
    {
        public required string Trigger { get; init; }

        public TimeFormat FormatType { get; init; } = new TimeStrftimeFormat();
    }

    internal sealed record Output : BlockResult
    {
        public required string Time { get; init; }
    }
}
