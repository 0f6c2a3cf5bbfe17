using System.Text.Json;
using Grainflow.Engine.Scheduling;
using Grainflow.Engine.Values;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.CommandLine.Schedules;

/// <summary><c>./run schedule add</c>: stores an agent on the server, and a schedule of it.</summary>
internal static class AddCommand
{
    /// <summary>Adds the schedule and prints when it is due.</summary>
    /// <param name="args">The arguments after <c>add</c>.</param>
    /// <param name="console">Where it prints, and what it reads.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">An argument is wrong, no server runs, or it has refused the agent or the schedule.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, ScheduleConsole console, CancellationToken cancellationToken)
    {
        var options = new OptionReader(
            "schedule add",
            args,
            ["--cron", "--at", "--timezone", "--name", "--description", "--overlap", "--input", ScheduleServer.TokenOption],
            ["--json"],
            "the file of the agent");
        // What is wrong is found before the agent is stored.
        var times = Times(options, console.Zones);
        var agent = await FileText.ReadAsync(() => AgentFile.Read(options.Argument), cancellationToken);
        var (document, inputs) = RemoteAgentCommand.Prepare(agent, options.Inputs);
        using var server = await ScheduleServer.FindAsync(options, console.Variable, cancellationToken);
        var graph = await server.AskAsync(HttpMethod.Post, "/api/graphs", Json.Of(("graph", document), ("source", JsonValues.From("upload"))), cancellationToken);
        var path = $"/api/graphs/{graph.GetProperty("id").GetString()}";
        JsonElement schedule;
        try
        {
            schedule = await server.AskAsync(HttpMethod.Post, path + "/schedules", Body(options, times, agent, inputs), cancellationToken);
        }
        catch (CliException)
        {
            // Without a schedule the agent would be left over.
            await server.AskAsync(HttpMethod.Delete, path, null, cancellationToken);
            throw;
        }

        if (options.Has("--json"))
        {
            console.Output.WriteLine(Json.Pretty(schedule));
            return ExitCodes.Success;
        }

        console.Output.WriteLine($"Schedule {schedule.GetProperty("id").GetString()}: {schedule.GetProperty("name").GetString()}");
        console.Output.WriteLine($"{times?.Expression.Describe() ?? "Once"} ({schedule.GetProperty("timezone").GetString()})");
        foreach (var time in schedule.GetProperty("next").EnumerateArray()) console.Output.WriteLine($"  {time.GetProperty("local").GetString()}  {time.GetProperty("utc").GetString()}");
        if (schedule.GetProperty("warning").GetString() is { } warning) console.Errors.WriteLine($"Warning: {warning}");
        return ExitCodes.Success;
    }

    private static ScheduleTimes? Times(OptionReader options, TimeZones zones)
    {
        if (options.Find("--at") is null) return PreviewCommand.Times(options, zones);
        if (options.Find("--cron") is not null) throw OptionReader.Wrong("Give either --cron or --at.");
        PreviewCommand.Zone(options, zones);
        return null;
    }

    private static JsonElement Body(OptionReader options, ScheduleTimes? times, AgentFile agent, JsonElement inputs)
    {
        var members = new List<(string Name, JsonElement Value)>
        {
            ("name", JsonValues.From(options.Find("--name") ?? (agent.Bundle.Root.Name is { Length: > 0 } name ? name : agent.Name))),
            ("timezone", JsonValues.From(options.Find("--timezone") ?? PreviewCommand.DefaultZone)),
            ("cron_dialect", JsonValues.From(PreviewCommand.DefaultDialect.WireName())),
            ("inputs", inputs),
            times is null ? ("run_at", JsonValues.From(options.Require("--at"))) : ("cron", JsonValues.From(options.Require("--cron"))),
        };
        if (options.Find("--description") is { } description) members.Add(("description", JsonValues.From(description)));
        if (options.Find("--overlap") is { } overlap) members.Add(("policy", Json.Of(("overlap", JsonValues.From(overlap)))));
        return Json.Of(members);
    }
}
