using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

/// <summary>An event of a calendar.</summary>
internal sealed record CalendarEvent
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string StartTime { get; init; }

    public required string EndTime { get; init; }

    public required bool IsAllDay { get; init; }

    public required string? Location { get; init; }

    public required string? Description { get; init; }

    public required string? Organizer { get; init; }

    public required IReadOnlyList<string> Attendees { get; init; }

    public required bool HasVideoCall { get; init; }

    public required string? VideoLink { get; init; }

    public required string CalendarLink { get; init; }

    public required bool IsRecurring { get; init; }

    /// <summary>Reads an event.</summary>
    /// <param name="given">The event as the vendor has it.</param>
    public static CalendarEvent Of(JsonElement given)
    {
        var (start, end) = (given.Member("start") ?? default, given.Member("end") ?? default);
        var isAllDay = start.Text("date") is not null;
        var link = VideoLinkOf(given.Member("conferenceData") ?? default);
        return new CalendarEvent
        {
            Id = given.Text("id") ?? "",
            Title = given.Text("summary") ?? "Untitled Event",
            StartTime = isAllDay ? start.Text("date") ?? "" : ToMinute(start),
            EndTime = isAllDay ? end.Text("date") ?? "" : ToMinute(end),
            IsAllDay = isAllDay,
            Location = given.Text("location"),
            Description = given.Text("description"),
            Organizer = (given.Member("organizer") ?? default).Text("email"),
            Attendees = [.. given.Items("attendees").Select(guest => guest.Text("email")).OfType<string>()],
            HasVideoCall = link is not null,
            VideoLink = link,
            CalendarLink = given.Text("htmlLink") ?? "",
            // An event of a series has its rule or, taken alone, the id of the series.
            IsRecurring = given.Items("recurrence").Any() || given.Text("recurringEventId") is not null,
        };
    }

    private static string ToMinute(JsonElement time) =>
        DateTimeOffset.TryParse(time.Text("dateTime"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "";

    private static string? VideoLinkOf(JsonElement conference) =>
        conference.Text("conferenceUrl") ?? conference.Items("entryPoints").FirstOrDefault(entry => entry.Text("entryPointType") == "video").Text("uri");
}
