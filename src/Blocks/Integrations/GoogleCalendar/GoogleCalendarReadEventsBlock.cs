using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

[Block("80bc3ed1-e9a4-449e-8163-a8fc86f74f6a", "Reads the events of a calendar in a range of days.", "DATA", "PRODUCTIVITY", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class GoogleCalendarReadEventsBlock : Block<GoogleCalendarReadEventsBlock.Input, GoogleCalendarReadEventsBlock.Output>
{
    private const int MostDays = 36500;

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (input.TimeRangeDays is < 0 or > MostDays) throw new BlockException($"'time_range_days' must be 0 to {MostDays}");
        var from = string.IsNullOrEmpty(input.StartTime) ? context.Clock.GetUtcNow() : CalendarTimes.Parse(input.StartTime, "start_time", context);
        var (events, next) = await new CalendarClient(context).EventsAsync(input, from, from.AddDays(input.TimeRangeDays), cancellationToken);
        if (next is not null) yield return Emit(nameof(Output.NextPageToken), next);
        foreach (var found in events) yield return EmitObject(nameof(Output.Event), found);
        yield return EmitObject(nameof(Output.Events), events);
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/calendar.readonly"])]
        public required CredentialsReference Credentials { get; init; }

        public string CalendarId { get; init; } = "primary";

        public long MaxEvents { get; init; } = 10;

        // The default is the time of the run.
        [Pin(Type = "string:date-time", ShowDefault = false)]
        public string? StartTime { get; init; }

        public long TimeRangeDays { get; init; } = 30;

        public string? SearchTerm { get; init; }

        public string? PageToken { get; init; }

        public bool IncludeDeclinedEvents { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public IReadOnlyList<CalendarEvent> Events { get; init; } = [];

        public required CalendarEvent Event { get; init; }

        public string? NextPageToken { get; init; }
    }
}
