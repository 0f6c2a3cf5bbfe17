using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Schedules;

public sealed class SchedulePreviewTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Start = "&from=2026-03-28T00:00:00Z";

    [Fact]
    public async Task A_preview_describes_the_expression_and_names_the_next_five_times_in_both_clocks()
    {
        var answer = await PreviewAsync("cron=0 9 * * mon-fri&timezone=Europe/London&dialect=standard" + Start);
        Assert.Equal(
            """
            {"description":"At 09:00 on Monday through Friday","warning":null,"next":[{"utc":"2026-03-30T08:00:00Z","local":"2026-03-30T09:00:00+01:00"},{"utc":"2026-03-31T08:00:00Z","local":"2026-03-31T09:00:00+01:00"},{"utc":"2026-04-01T08:00:00Z","local":"2026-04-01T09:00:00+01:00"},{"utc":"2026-04-02T08:00:00Z","local":"2026-04-02T09:00:00+01:00"},{"utc":"2026-04-03T08:00:00Z","local":"2026-04-03T09:00:00+01:00"}]}
            """.Trim(),
            answer.Text);
        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("", "At 09:00 on Tuesday")]
    [InlineData("&dialect=apscheduler", "At 09:00 on Tuesday")]
    [InlineData("&dialect=autogpt", "At 09:00 on Monday")]
    [InlineData("&cron_dialect=standard", "At 09:00 on Monday")]
    [InlineData("&cron_dialect=autogpt&dialect=autogpt", "At 09:00 on Monday")]
    public async Task The_dialect_decides_about_weekdays_and_a_warning_says_so(string dialect, string description)
    {
        var answer = (await PreviewAsync("cron=0 9 * * 1" + dialect)).Json;
        Assert.Equal(description, answer.GetProperty("description").GetString());
        var warning = answer.GetProperty("warning").GetString();
        Assert.Contains("Monday", warning, StringComparison.Ordinal);
        Assert.Contains("Tuesday", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_beginning_itself_counts()
    {
        Assert.Equal(["2026-03-28T09:00:00Z"], Times(await PreviewAsync("cron=0 9 * * *&count=1&from=2026-03-28T09:00:00Z")));
        Assert.Equal(["2026-03-29T09:00:00Z"], Times(await PreviewAsync("cron=0 9 * * *&count=1&from=2026-03-28T09:00:01Z")));
        Assert.Equal(["2026-03-28T09:00:00Z"], Times(await PreviewAsync("cron=0 9 * * *&count=1&from=2026-03-28")));
        Assert.Equal(["2026-03-28T09:00:00Z"], Times(await PreviewAsync("cron=0 9 * * *&count=1&from=2026-03-28T11:00%2B02:00")));
    }

    [Fact]
    public async Task Without_a_beginning_the_next_times_are_those_from_now_on()
    {
        var clock = server.Services.GetRequiredService<TimeProvider>();
        var before = clock.GetUtcNow();
        var first = (await PreviewAsync("cron=* * * * *&count=1")).Json.GetProperty("next")[0].GetProperty("utc").GetDateTimeOffset();
        Assert.InRange(first, before, clock.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task A_preview_has_as_many_times_as_are_asked_for()
    {
        Assert.Single(Times(await PreviewAsync("cron=* * * * *&count=1")));
        Assert.Equal(100, Times(await PreviewAsync("cron=* * * * *&count=100")).Count);
        Assert.Empty(Times(await PreviewAsync("cron=* * * * *&from=9999-12-31T00:00:00Z")));
        Assert.Equal(5, Times(await PreviewAsync("cron=* * * * *&from=0001-01-01")).Count);
    }

    [Fact]
    public async Task The_zone_is_that_of_the_profile_where_the_request_names_none()
    {
        var user = Guid.NewGuid().ToString();
        Assert.Equal(["2026-03-28T09:00:00Z"], Times(await server.For(user).GetAsync("/api/schedules/preview?cron=0 9 * * *&count=1" + Start)));
        Assert.True(await server.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(user).SetTimeZone("Asia/Kolkata"));
        Assert.Equal(["2026-03-28T03:30:00Z"], Times(await server.For(user).GetAsync("/api/schedules/preview?cron=0 9 * * *&count=1" + Start)));
        Assert.Equal(["2026-03-28T09:00:00Z"], Times(await server.For(user).GetAsync("/api/schedules/preview?cron=0 9 * * *&count=1&timezone=UTC" + Start)));
    }

    [Theory]
    [InlineData("cron=61 * * * *", "cron: minute: 61 is not one of the numbers from 0 to 59.")]
    [InlineData("cron=*/90 * * * *", "cron: minute: '*/90': the step is longer than the values from 0 to 59; the longest step here is 59.")]
    [InlineData("cron=0 22-2 * * *&dialect=standard", "cron: hour: '22-2' ends before it begins; for a range over the end write 22-23,0-2.")]
    [InlineData("cron=0 0 31 2 *", "cron: day of month: '31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months.")]
    [InlineData("cron=", "cron: it is empty; write five fields: minute, hour, day of month, month, day of week.")]
    [InlineData("cron=* * * * *&timezone=PST", "timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("cron=* * * * *&timezone=", "timezone: '' is not a time zone of the IANA data base; use an IANA name such as Europe/London, or UTC.")]
    [InlineData("cron=* * * * *&dialect=quartz", "dialect: 'quartz' is not a dialect; use apscheduler, autogpt or standard.")]
    [InlineData("cron=* * * * *&cron_dialect=Standard", "cron_dialect: 'Standard' is not a dialect; use apscheduler, autogpt or standard.")]
    [InlineData("cron=* * * * *&dialect=standard&cron_dialect=autogpt", "dialect: it is 'standard' and cron_dialect is 'autogpt'; give one of them.")]
    [InlineData("cron=* * * * *&from=tomorrow", "from: 'tomorrow' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z, and the + of an offset as %2B.")]
    [InlineData("cron=* * * * *&from=2026-03-28T11:00:00+02:00", "from: '2026-03-28T11:00:00 02:00' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z, and the + of an offset as %2B.")]
    public async Task What_is_wrong_is_refused_with_the_field_and_the_reason(string query, string detail)
    {
        var answer = await PreviewAsync(query);
        answer.IsError(400);
        Assert.Equal(detail, answer.Detail);
    }

    [Theory]
    [InlineData("", "missing query.cron")]
    [InlineData("cron=* * * * *&count=0", "greater_than_equal query.count")]
    [InlineData("cron=* * * * *&count=101", "less_than_equal query.count")]
    [InlineData("cron=* * * * *&count=five", "int_parsing query.count")]
    public async Task A_request_that_does_not_fit_the_document_is_refused_as_everywhere(string query, string problem) => Assert.Equal([problem], (await PreviewAsync(query)).Problems());

    [Fact]
    public async Task A_preview_is_for_callers_that_are_known() => Assert.Equal(401, (await server.With(null).GetAsync("/api/schedules/preview?cron=* * * * *")).Status);

    [Fact]
    public async Task The_document_has_the_preview()
    {
        var document = (await server.With(null).GetAsync("/openapi.json")).Json;
        var operation = document.GetProperty("paths").GetProperty("/api/schedules/preview").GetProperty("get");
        Assert.Equal(["cron", "timezone", "dialect", "cron_dialect", "count", "from"], operation.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.Text("name")));
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("SchedulePreview");
        Assert.Equal(["description", "warning", "next"], schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    private Task<Answer> PreviewAsync(string query) => server.Anybody().GetAsync("/api/schedules/preview?" + query);

    private static List<string?> Times(Answer answer)
    {
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("next").EnumerateArray().Select(time => time.Text("utc"))];
    }
}

/// <summary>A server whose dialect is another.</summary>
public sealed class PreviewSettingsTests(PreviewSettingsTests.StandardServer server) : IClassFixture<PreviewSettingsTests.StandardServer>
{
    [Fact]
    public async Task CRON_DIALECT_is_the_dialect_of_requests_that_name_none()
    {
        Assert.Equal("At 09:00 on Monday", await DescriptionAsync("cron=0 9 * * 1"));
        Assert.Equal("At 09:00 on Tuesday", await DescriptionAsync("cron=0 9 * * 1&dialect=apscheduler"));
    }

    private async Task<string?> DescriptionAsync(string query) => (await server.Anybody().GetAsync("/api/schedules/preview?" + query)).Json.GetProperty("description").GetString();

    public sealed class StandardServer : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables) => variables["CRON_DIALECT"] = "standard";
    }
}
