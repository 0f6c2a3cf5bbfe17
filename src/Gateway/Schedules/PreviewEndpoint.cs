using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Schedules;

/// <summary>What a cron expression means, before a schedule is created.</summary>
internal sealed class PreviewEndpoint(ScheduleReader reader, TimeProvider clock)
{
    private static readonly Parameter Count = new("count", "query", false, $$"""{"type": "integer", "maximum": {{SchedulePreview.MaxCount}}, "minimum": 1, "default": {{SchedulePreview.DefaultCount}}}""");

    private static readonly string Dialects = $$"""{"anyOf": [{"type": "string", "enum": [{{string.Join(", ", CronDialects.All.Select(dialect => $"\"{dialect.WireName()}\""))}}]}, {"type": "null"}]}""";

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapOperation(
        new Operation("GET", "/api/schedules/preview", "getV1Preview schedule", "What a cron expression means, and when it is due next", "v1", "schedules")
        {
            Parameters =
            [
                Parameter.QueryText("cron", required: true),
                Parameter.QueryText("timezone", required: false),
                new Parameter("dialect", "query", false, Dialects),
                new Parameter("cron_dialect", "query", false, Dialects),
                Count,
                new Parameter("from", "query", false, """{"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}"""),
            ],
            Answers = [typeof(SchedulePreview)],
        },
        PreviewAsync);

    private async Task<ApiResponse> PreviewAsync(ApiRequest request)
    {
        var cron = request.RequiredQueryText("cron");
        var count = request.QueryNumber("count", SchedulePreview.DefaultCount, least: 1, most: SchedulePreview.MaxCount)!.Value;
        request.Require();
        var expression = Parse(cron, Dialect(request));
        var zone = request.QueryText("timezone") is { } id ? reader.Zone(id) : await reader.ZoneOfAsync(request.Caller.UserId);
        return ApiResponse.Ok(SchedulePreview.Of(new ScheduleTimes(expression, zone), From(request), count));
    }

    private static CronExpression Parse(string cron, CronDialect dialect)
    {
        try
        {
            return CronExpression.Parse(cron, dialect);
        }
        catch (CronException refusal)
        {
            throw ScheduleReader.Wrong("cron", refusal.Field == CronField.Expression ? refusal.Reason : refusal.Message);
        }
    }

    /// <summary>The dialect of the request, else that of the setting (decision 13).</summary>
    private CronDialect Dialect(ApiRequest request)
    {
        var (name, other) = (request.QueryText("dialect"), request.QueryText("cron_dialect"));
        if (name is not null && other is not null && name != other) throw ScheduleReader.Wrong("dialect", $"it is '{name}' and cron_dialect is '{other}'; give one of them.");
        var given = name ?? other ?? reader.DefaultDialect;
        return CronDialects.TryParse(given, out var dialect) ? dialect : throw ScheduleReader.Wrong(name is null ? "cron_dialect" : "dialect", $"'{given}' is not a dialect; use {CronDialects.Names}.");
    }

    private DateTimeOffset From(ApiRequest request)
    {
        if (request.QueryText("from") is not { } text) return clock.GetUtcNow();
        return SchedulePreview.ReadFrom(text)
               ?? throw ScheduleReader.Wrong("from", $"'{text}' is not a time in ISO 8601; write it as 2026-03-01T09:00:00Z, and the + of an offset as %2B.");
    }
}
