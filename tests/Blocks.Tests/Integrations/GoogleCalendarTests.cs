using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class GoogleCalendarTests
{
    private const string Api = "https://www.googleapis.com/calendar/v3/calendars/primary/events";

    [Fact]
    public async Task A_page_of_events_is_read_with_the_way_to_the_next()
    {
        var run = VendorRun.Of(
            """
            {"nextPageToken": "p2", "items": [
              {"id": "e1", "summary": "Meeting", "start": {"dateTime": "2025-01-02T10:00:00+01:00"}, "end": {"dateTime": "2025-01-02T11:30:00+01:00"}, "location": "Room", "organizer": {"email": "a@example.com"},
               "attendees": [{"email": "b@example.com"}], "conferenceData": {"entryPoints": [{"entryPointType": "phone", "uri": "tel:1"}, {"entryPointType": "video", "uri": "https://meet.test"}]}, "htmlLink": "https://c.test/e1", "recurringEventId": "s"},
              {"id": "e2", "start": {"date": "2025-01-03"}, "end": {"date": "2025-01-04"}}]}
            """);

        var outputs = await run.RunAsync("GoogleCalendarReadEventsBlock", """{"max_events": 2, "start_time": "2025-01-01T00:00:00+00:00", "time_range_days": 7, "search_term": "meet"}""");

        Assert.Equal("next_page_token=\"p2\"", outputs[0]);
        Assert.Equal(
            """event={"id":"e1","title":"Meeting","start_time":"2025-01-02 10:00","end_time":"2025-01-02 11:30","is_all_day":false,"location":"Room","description":null,"organizer":"a@example.com","attendees":["b@example.com"],"has_video_call":true,"video_link":"https://meet.test","calendar_link":"https://c.test/e1","is_recurring":true}""",
            outputs[1]);
        Assert.StartsWith("""event={"id":"e2","title":"Untitled Event","start_time":"2025-01-03","end_time":"2025-01-04","is_all_day":true""", outputs[2], StringComparison.Ordinal);
        Assert.Equal(
            [$"GET {Api}?timeMin=2025-01-01T00%3A00%3A00%2B00%3A00&timeMax=2025-01-08T00%3A00%3A00%2B00%3A00&maxResults=2&singleEvents=true&orderBy=startTime&showDeleted=false&showHiddenInvitations=false&q=meet"],
            run.Sent());
    }

    [Fact]
    public async Task A_later_page_is_asked_for_by_its_token()
    {
        var run = VendorRun.Of("""{"items": []}""");

        Assert.Equal(["events=[]"], await run.RunAsync("GoogleCalendarReadEventsBlock", """{"page_token": "p2"}"""));
        Assert.EndsWith("&pageToken=p2", Assert.Single(run.Sent()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_created_with_guests_series_and_call()
    {
        var run = VendorRun.Of("""{"id": "e9", "htmlLink": "https://c.test/e9"}""");

        Assert.Equal(
            ["event_id=\"e9\"", "event_link=\"https://c.test/e9\""],
            await run.RunAsync(
                "GoogleCalendarCreateEventBlock",
                """{"event_title": "Sync", "location": "Room", "timing": {"discriminator": "exact_timing", "start_datetime": "2025-03-01T09:00:00", "end_datetime": "2025-03-01T10:00:00"}, "guest_emails": ["b@example.com"], "add_google_meet": true, "recurrence": {"discriminator": "recurring", "frequency": "WEEKLY", "count": 3}}"""));

        var sent = Assert.Single(run.Http.Requests);
        Assert.Equal(Api + "?sendUpdates=all&conferenceDataVersion=1", sent.Url);
        var body = JsonValues.Parse(sent.Body);
        Assert.Equal("""{"dateTime":"2025-03-01T09:00:00+00:00","timeZone":"UTC"}""", JsonValues.Compact(body.GetProperty("start")));
        Assert.Equal("""["RRULE:FREQ=WEEKLY;COUNT=3"]""", JsonValues.Compact(body.GetProperty("recurrence")));
        Assert.Equal("""[{"email":"b@example.com"}]""", JsonValues.Compact(body.GetProperty("attendees")));
        Assert.Equal("""{"useDefault":false,"overrides":[{"method":"popup","minutes":10}]}""", JsonValues.Compact(body.GetProperty("reminders")));
        Assert.Matches("^[0-9a-v]{32}$", body.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Without_a_time_an_event_takes_an_hour_from_the_next_full_one()
    {
        var run = VendorRun.Of("""{"id": "e9"}""");
        await run.RunAsync("GoogleCalendarCreateEventBlock", """{"event_title": "Sync", "send_notifications": false}""");

        var body = JsonValues.Parse(Assert.Single(run.Http.Requests).Body);
        Assert.Equal("2025-01-01T01:00:00+00:00", body.GetProperty("start").GetProperty("dateTime").GetString());
        Assert.Equal("2025-01-01T02:00:00+00:00", body.GetProperty("end").GetProperty("dateTime").GetString());
        Assert.EndsWith("?sendUpdates=none&conferenceDataVersion=0", run.Http.Requests[0].Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_attempt_finds_the_event_of_the_attempt_before()
    {
        var run = VendorRun.Of("""{"status": 409, "body": {"error": {"message": "The requested identifier already exists."}}}""", """{"id": "e9", "htmlLink": "https://c.test/e9"}""");

        Assert.Equal(["event_id=\"e9\"", "event_link=\"https://c.test/e9\""], await run.RunAsync("GoogleCalendarCreateEventBlock", """{"event_title": "Sync"}"""));
        Assert.Equal($"GET {Api}/{JsonValues.Parse(run.Http.Requests[0].Body).GetProperty("id").GetString()}", run.Sent()[1]);
    }

    [Theory]
    [InlineData("""{"event_title": "e", "timing": {"discriminator": "duration_timing", "start_datetime": "soon", "duration_minutes": 5}}""", "'start_datetime' must be a date and time such as 2025-01-31T09:00:00, not 'soon'")]
    [InlineData("""{"event_title": "e", "timing": {"discriminator": "exact_timing", "start_datetime": "2025-01-02T00:00", "end_datetime": "2025-01-01T00:00"}}""", "'end_datetime' must not be before 'start_datetime'")]
    public async Task A_wrong_time_is_told_before_anything_is_sent(string input, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of().RunAsync("GoogleCalendarCreateEventBlock", input));
}
