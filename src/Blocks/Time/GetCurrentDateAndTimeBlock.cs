using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

[Block("716a67b3-6760-42e7-86dc-18645c6e00fc", "Current date and time in a chosen format.", "TEXT")]
internal sealed class GetCurrentDateAndTimeBlock : PureBlock<GetCurrentDateAndTimeBlock.Input, GetCurrentDateAndTimeBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var format = input.FormatType;
        var zone = format.UseUserTimezone ? Find(context.UserTimeZone) : Find(format.Timezone);
        yield return Emit(nameof(Output.DateTime), format.Write(TimeZoneInfo.ConvertTime(context.Clock.GetUtcNow(), zone), zone));
    }

    // UTC when the zone of the user is not set or not known to the system.
    private static TimeZoneInfo Find(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

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
