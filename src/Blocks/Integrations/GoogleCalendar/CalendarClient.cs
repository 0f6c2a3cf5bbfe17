using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.GoogleCalendar;

/// <summary>The calendars of the user who gave the credential.</summary>
/// <param name="context">The node execution.</param>
internal sealed class CalendarClient(BlockContext context)
{
    private static readonly Vendor Google = new("google_calendar", "Google Calendar", "https://www.googleapis.com") { LimitsRate = GoogleErrors.LimitRate };

    private readonly ApiClient _client = new(Google, context);

    /// <summary>A page of the events of a calendar, ordered by their start; each repetition is an event of its own.</summary>
    /// <param name="input">What is asked for.</param>
    /// <param name="from">The begin of the time.</param>
    /// <param name="until">The end of the time.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<(IReadOnlyList<CalendarEvent> Events, string? NextPage)> EventsAsync(GoogleCalendarReadEventsBlock.Input input, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync($"{PathOf(input.CalendarId)}{ApiRequest.Query(
            ("timeMin", CalendarTimes.Text(from)),
            ("timeMax", CalendarTimes.Text(until)),
            ("maxResults", input.MaxEvents.ToString(CultureInfo.InvariantCulture)),
            ("singleEvents", "true"),
            ("orderBy", "startTime"),
            ("showDeleted", "false"),
            ("showHiddenInvitations", input.IncludeDeclinedEvents ? "true" : "false"),
            ("q", string.IsNullOrEmpty(input.SearchTerm) ? null : input.SearchTerm),
            ("pageToken", string.IsNullOrEmpty(input.PageToken) ? null : input.PageToken))}", cancellationToken);
        return ([.. _client.NeedItems(answer, "items").Select(CalendarEvent.Of)], answer.Text("nextPageToken"));
    }

    /// <summary>
    /// Creates an event, and returns it as the vendor has it. Its id is derived from the node execution, so that an attempt which is repeated after a crash finds the event of the
    /// attempt before.
    /// </summary>
    /// <param name="calendarId">The calendar.</param>
    /// <param name="body">The event without its id.</param>
    /// <param name="notifies">Whether guests get mails.</param>
    /// <param name="withMeeting">Whether the event has a video call.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> CreateAsync(string calendarId, Dictionary<string, object> body, bool notifies, bool withMeeting, CancellationToken cancellationToken)
    {
        var id = DerivedKey.Of(context);
        body["id"] = id;
        var query = ApiRequest.Query(("sendUpdates", notifies ? "all" : "none"), ("conferenceDataVersion", withMeeting ? "1" : "0"));
        try
        {
            return await _client.PostAsync(PathOf(calendarId) + query, body, cancellationToken);
        }
        catch (ApiException e) when (e.Status == 409)
        {
            return await _client.GetAsync($"{PathOf(calendarId)}/{id}", cancellationToken);
        }
    }

    private static string PathOf(string calendarId) => $"/calendar/v3/calendars/{ApiRequest.Segment(calendarId, "calendar_id")}/events";
}
