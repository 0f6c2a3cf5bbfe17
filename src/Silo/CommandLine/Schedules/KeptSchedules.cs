using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary>The subcommands that look at the schedules of the server or change one of them.</summary>
internal static class KeptSchedules
{
    private const int MostRows = 1000;

    /// <summary><c>./run schedule list</c>.</summary>
    public static async Task<int> ListAsync(IReadOnlyList<string> args, ScheduleConsole console, CancellationToken cancellationToken)
    {
        var options = new OptionReader("schedule list", args, [ScheduleServer.TokenOption], ["--json"]);
        using var server = await ScheduleServer.FindAsync(options, console.Variable, cancellationToken);
        var schedules = await server.AskAsync(HttpMethod.Get, "/api/schedules?include_disabled=true", null, cancellationToken);
        if (options.Has("--json"))
        {
            console.Output.WriteLine(Json.Pretty(schedules));
            return ExitCodes.Success;
        }

        if (schedules.GetArrayLength() == 0) console.Output.WriteLine("There are no schedules.");
        foreach (var schedule in schedules.EnumerateArray())
        {
            var when = Text(schedule, "cron") is { Length: > 0 } cron ? $"{cron} ({Text(schedule, "cron_dialect")}, {Text(schedule, "timezone")})" : $"once ({Text(schedule, "timezone")})";
            console.Output.WriteLine($"{Text(schedule, "id")}  {Text(schedule, "name")}");
            console.Output.WriteLine($"  {when}; {State(schedule)}");
        }

        return ExitCodes.Success;
    }

    /// <summary><c>./run schedule history ID</c>.</summary>
    public static async Task<int> HistoryAsync(IReadOnlyList<string> args, ScheduleConsole console, CancellationToken cancellationToken)
    {
        var options = new OptionReader("schedule history", args, ["--limit", ScheduleServer.TokenOption], ["--json"], "the id of the schedule");
        var limit = options.Find("--limit") is { } text
            ? SettingsMap.ToNumber(text, 1, MostRows) ?? throw OptionReader.Wrong($"--limit {text}: it must be {SettingsMap.Range(1, MostRows)}.")
            : 20;
        var path = PathOf(options);
        using var server = await ScheduleServer.FindAsync(options, console.Variable, cancellationToken);
        var history = await server.AskAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{path}/executions?limit={limit}"), null, cancellationToken);
        if (options.Has("--json"))
        {
            console.Output.WriteLine(Json.Pretty(history));
            return ExitCodes.Success;
        }

        foreach (var row in history.GetProperty("executions").EnumerateArray()) console.Output.WriteLine(Line(row));
        var stats = history.GetProperty("stats");
        console.Output.WriteLine(
            $"{Text(stats, "total")} in all: {Text(stats, "successful")} succeeded, {Text(stats, "failed")} failed, {Text(stats, "skipped")} skipped ({Text(stats, "success_rate")} % succeeded).");
        return ExitCodes.Success;
    }

    /// <summary><c>./run schedule pause|resume|trigger|remove ID</c>.</summary>
    public static async Task<int> ChangeAsync(string verb, IReadOnlyList<string> args, ScheduleConsole console, CancellationToken cancellationToken)
    {
        var options = new OptionReader($"schedule {verb}", args, [ScheduleServer.TokenOption], ["--json"], "the id of the schedule");
        var path = PathOf(options);
        using var server = await ScheduleServer.FindAsync(options, console.Variable, cancellationToken);
        var answer = verb == "remove"
            ? await server.AskAsync(HttpMethod.Delete, path, null, cancellationToken)
            : await server.AskAsync(HttpMethod.Post, $"{path}/{verb}", null, cancellationToken);
        console.Output.WriteLine(options.Has("--json") ? Json.Pretty(answer) : verb switch
        {
            "remove" => $"{Text(answer, "id")} is removed.",
            "trigger" => $"Run {string.Join(", ", answer.GetProperty("graph_exec_ids").EnumerateArray())} is started.",
            _ => $"{Text(answer, "name")}: {State(answer)}.",
        });
        return ExitCodes.Success;
    }

    private static string PathOf(OptionReader options) => Guid.TryParseExact(options.Argument, "D", out var id)
        ? $"/api/schedules/{id}"
        : throw OptionReader.Wrong($"'{options.Argument}' is not the id of a schedule, which ./run schedule list shows.");

    private static string State(JsonElement schedule)
    {
        if (Text(schedule, "next_run_time") is { Length: > 0 } next) return $"next {next}";
        return Text(schedule, "disabled_reason") is { Length: > 0 } reason ? $"off: {reason}" : "paused";
    }

    private static string Line(JsonElement row)
    {
        var (scheduled, last, count) = (Text(row, "scheduled_at"), Text(row, "last_scheduled_at"), row.GetProperty("occurrences").GetInt32());
        var when = count == 1 ? scheduled : $"{scheduled} to {last} ({count} times)";
        var took = Text(row, "duration_ms") is { Length: > 0 } duration ? $", {duration} ms" : "";
        var run = Text(row, "graph_exec_id") is { Length: > 0 } id ? $", run {id}" : "";
        var error = Text(row, "error") is { Length: > 0 } reason ? $": {reason}" : "";
        return $"{when}  {Text(row, "status")} ({Text(row, "triggered_by")}{took}{run}){error}";
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Null } => "",
        var value => value.ToString(),
    };
}

/// <summary>The JSON of the subcommands.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object.</summary>
    public static JsonElement Of(params IEnumerable<(string Name, JsonElement Value)> members) => JsonValues.Object(members.Select(member => KeyValuePair.Create(member.Name, member.Value)));

    /// <summary>JSON with line breaks.</summary>
    public static string Pretty(JsonElement value) => JsonSerializer.Serialize(value, Indented);
}
