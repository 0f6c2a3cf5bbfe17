using System.Globalization;
using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

[Block("ed2ec950-fbff-4204-94c0-023fb1d625e0", "Creates an event in a calendar, and invites guests to it.", "PRODUCTIVITY", Effect = BlockEffect.Irreversible)]
internal sealed class GoogleCalendarCreateEventBlock : Block<GoogleCalendarCreateEventBlock.Input, GoogleCalendarCreateEventBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new CalendarClient(context);
        var created = await client.CreateAsync(input.CalendarId, BodyOf(input, context), input.SendNotifications, input.AddGoogleMeet, cancellationToken);
        yield return Emit(nameof(Output.EventId), created.Text("id") ?? "");
        yield return Emit(nameof(Output.EventLink), created.Text("htmlLink") ?? "");
    }

    private static Dictionary<string, object> BodyOf(Input input, BlockContext context)
    {
        var (start, end) = ((EventTiming?)input.Timing ?? DefaultTiming(context)).Times(context);
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["summary"] = input.EventTitle,
            // A series needs the zone beside the offset.
            ["start"] = new { dateTime = CalendarTimes.Text(start), timeZone = context.UserTimeZone },
            ["end"] = new { dateTime = CalendarTimes.Text(end), timeZone = context.UserTimeZone },
        };
        if (!string.IsNullOrEmpty(input.Location)) body["location"] = input.Location;
        if (!string.IsNullOrEmpty(input.Description)) body["description"] = input.Description;
        if (input.GuestEmails.Count > 0) body["attendees"] = input.GuestEmails.Select(email => new { email });
        if (input.ReminderMinutes.Count > 0) body["reminders"] = new { useDefault = false, overrides = input.ReminderMinutes.Select(minutes => new { method = "popup", minutes }) };
        if (input.AddGoogleMeet) body["conferenceData"] = new { createRequest = new { requestId = DerivedKey.Of(context, "meet"), conferenceSolutionKey = new { type = "hangoutsMeet" } } };
        if (input.Recurrence is RecurringEvent series) body["recurrence"] = new[] { $"RRULE:FREQ={series.Frequency};COUNT={series.Count.ToString(CultureInfo.InvariantCulture)}" };
        return body;
    }

    // An hour that begins with the next full hour.
    private static DurationTiming DefaultTiming(BlockContext context)
    {
        var now = CalendarTimes.Now(context);
        return new DurationTiming { StartDatetime = CalendarTimes.Text(new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, now.Offset).AddHours(1)), DurationMinutes = 60 };
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/calendar"])]
        public required CredentialsReference Credentials { get; init; }

        public required string EventTitle { get; init; }

        public string? Location { get; init; }

        public string? Description { get; init; }

        // The default is an hour from the next full hour of the run.
        [Pin(Advanced = false, ShowDefault = false)]
        public EventTiming Timing { get; init; } = null!;

        public string CalendarId { get; init; } = "primary";

        public IReadOnlyList<string> GuestEmails { get; init; } = [];

        public bool SendNotifications { get; init; } = true;

        public bool AddGoogleMeet { get; init; }

        [Pin(ShowDefault = false)]
        public EventRecurrence Recurrence { get; init; } = new OneTimeEvent();

        [Pin(TypeSchema = """{"type":"array","items":{"enum":[10,30,60,1440],"title":"ReminderPreset","type":"integer"}}""")]
        public IReadOnlyList<long> ReminderMinutes { get; init; } = [10];
    }

    internal sealed record Output : BlockResult
    {
        public required string EventId { get; init; }

        public required string EventLink { get; init; }
    }
}
