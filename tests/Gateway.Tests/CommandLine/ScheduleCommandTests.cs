using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Silo.Hosting;

namespace Grainflow.Gateway.Tests.CommandLine;

/// <summary><c>./run schedule</c> beside a server, as a process of its own.</summary>
public sealed partial class ScheduleCommandTests(ScheduleCommandTests.Server server) : IClassFixture<ScheduleCommandTests.Server>
{
    [Fact]
    public async Task A_schedule_is_added_listed_paused_resumed_triggered_looked_at_and_removed()
    {
        var (exitCode, output, errors) = await RunAsync(server.Address, "add", "AGENT", "--cron", "0 9 * * 1", "--timezone", "Europe/London", "--name", "Mondays", "--input", "n=7");
        Assert.True(exitCode == 0, errors);
        Assert.Matches(@"^Schedule [0-9a-f-]{36}: Mondays\nAt 09:00 on Monday \(Europe/London\)\n(  \d{4}-\d\d-\d\dT09:00:00\+0\d:00  \d{4}-\d\d-\d\dT0[89]:00:00Z\n){5}$", output);
        Assert.StartsWith("Warning: The day of week '1' means Monday in the dialect standard", errors, StringComparison.Ordinal);
        var id = Id().Match(output).Value;

        Assert.Contains($"{id}  Mondays\n  0 9 * * 1 (standard, Europe/London); next 2", (await DoneAsync("list")), StringComparison.Ordinal);
        Assert.Equal("Mondays: paused.\n", await DoneAsync("pause", id));
        Assert.Contains($"{id}  Mondays\n  0 9 * * 1 (standard, Europe/London); paused\n", await DoneAsync("list"), StringComparison.Ordinal);
        Assert.StartsWith("Mondays: next 2", await DoneAsync("resume", id), StringComparison.Ordinal);

        var run = Id().Match(await DoneAsync("trigger", id)).Value;
        var user = server.With(null);
        var schedule = (await user.GetAsync($"/api/schedules/{id}")).Json;
        await server.SuccessesAsync(user, schedule, 1);
        Assert.Matches($@"^\S+Z  success \(manual, \d+ ms, run {run}\)\n1 in all: 1 succeeded, 0 failed, 0 skipped \(100 % succeeded\).\n$", await DoneAsync("history", id, "--limit", "5"));
        Assert.Equal(7, (await user.GetAsync($"/api/graphs/{schedule.Text("graph_id")}/executions/{run}")).Json.GetProperty("outputs").GetProperty("o")[0].GetInt32());

        Assert.Equal($"{id} is removed.\n", await DoneAsync("remove", id));
        Assert.DoesNotContain(id, await DoneAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_are_printed_as_json()
    {
        var added = JsonElement.Parse(await DoneAsync("add", "AGENT", "--at", "2999-01-01T00:00:00Z", "--input", "n=7", "--json"));
        Assert.Equal(("Echo", "", "UTC", "standard"), (added.Text("name"), added.Text("cron"), added.Text("timezone"), added.Text("cron_dialect")));
        Assert.Contains(added.Id(), JsonElement.Parse(await DoneAsync("list", "--json")).EnumerateArray().Select(schedule => schedule.Id()));
        Assert.Empty(JsonElement.Parse(await DoneAsync("history", added.Id(), "--json")).GetProperty("executions").EnumerateArray());
        Assert.False(JsonElement.Parse(await DoneAsync("pause", added.Id(), "--json")).GetProperty("enabled").GetBoolean());
        Assert.Equal(added.Id(), JsonElement.Parse(await DoneAsync("remove", added.Id(), "--json")).Id());
    }

    [Theory]
    [InlineData(2, "schedule add needs the file of the agent.", "add", "--cron", "* * * * *")]
    [InlineData(2, "schedule add needs --cron.", "add", "AGENT")]
    [InlineData(2, "--cron: minute: 61 is not one of the numbers from 0 to 59.", "add", "AGENT", "--cron", "61 * * * *")]
    [InlineData(2, "--timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.", "add", "AGENT", "--cron", "* * * * *", "--timezone", "PST")]
    [InlineData(2, "Give either --cron or --at.", "add", "AGENT", "--cron", "* * * * *", "--at", "2999-01-01")]
    [InlineData(2, "--dialect is not an option of schedule add.", "add", "AGENT", "--cron", "* * * * *", "--dialect", "autogpt")]
    [InlineData(2, "'mine' is not the id of a schedule, which ./run schedule list shows.", "pause", "mine")]
    [InlineData(2, "--limit 0: it must be a whole number from 1 to 1000.", "history", "00000000-0000-4000-8000-000000000000", "--limit", "0")]
    [InlineData(1, "Input 'n' is missing", "add", "AGENT", "--cron", "* * * * *")]
    [InlineData(1, "Schedule #00000000-0000-4000-8000-000000000000 not found.", "remove", "00000000-0000-4000-8000-000000000000")]
    [InlineData(1, "run_at: 'soon' is not a time in ISO 8601", "add", "AGENT", "--at", "soon", "--input", "n=7")]
    public async Task What_is_wrong_is_told(int exitCode, string message, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(server.Address, arguments);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (code, output));
    }

    [Fact]
    public async Task An_agent_whose_schedule_is_refused_is_not_left_over()
    {
        var name = Guid.NewGuid().ToString();
        var (exitCode, _, errors) = await RunAsync(server.Address, ["add", "AGENT", "--at", "2001-01-01", "--input", "n=7"], name);
        Assert.Equal((1, "run_at: It is not in the future.\n"), (exitCode, errors));
        Assert.DoesNotContain((await server.With(null).GetAsync("/api/graphs")).Json.EnumerateArray(), graph => graph.Text("name") == name);
    }

    [Fact]
    public async Task Without_a_server_the_cure_is_told()
    {
        var (exitCode, _, errors) = await RunAsync(null, "list");
        Assert.Equal(1, exitCode);
        Assert.Matches("^No server runs on the data folder .*, and schedules are kept by one. Start it: ./run, with the same --data DIR.\n$", errors);
    }

    [Fact]
    public async Task A_server_that_has_died_is_named_with_the_cure()
    {
        var (exitCode, _, errors) = await RunAsync("http://127.0.0.1:1", "list");
        Assert.Equal(1, exitCode);
        Assert.Matches("^The server at http://127.0.0.1:1, which schedules are kept by, does not answer .*Start it: ./run, with the same --data DIR.\n$", errors);
    }

    [Fact]
    public async Task A_server_with_accounts_is_asked_with_the_token_of_the_option_or_of_the_variable()
    {
        await using var strict = new ApiServer();
        await strict.InitializeAsync();
        var user = strict.Anybody();
        var schedule = await user.ScheduleAsync(await user.CreateAsync(TestGraph.Echo()));

        var bare = await RunAsync(strict.Address, "list");
        Assert.Equal((1, "", $"{strict.Address} wants an access token (ENABLE_AUTH): set GRAINFLOW_TOKEN, or give --token TOKEN.\n"), bare);
        var ofVariable = await RunAsync(strict.Address, ["list"], "Echo", $" {user.Token}\n");
        Assert.Equal((0, ""), (ofVariable.ExitCode, ofVariable.Errors));
        Assert.StartsWith(schedule.Id(), ofVariable.Output, StringComparison.Ordinal);
        Assert.Equal(ofVariable, await RunAsync(strict.Address, ["list", "--token", user.Token!], "Echo", "the option wins"));

        Assert.Equal(0, (await RunAsync(strict.Address, ["add", "AGENT", "--cron", "0 9 * * *", "--input", "n=7"], "Echo", user.Token)).ExitCode);
        Assert.Equal(0, (await RunAsync(strict.Address, "history", schedule.Id(), "--token", user.Token!)).ExitCode);
        Assert.Equal((0, $"{schedule.Id()} is removed.\n", ""), await RunAsync(strict.Address, "remove", schedule.Id(), "--token", user.Token!));
        Assert.Single((await user.GetAsync("/api/schedules")).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_token_that_is_refused_is_told_from_where_it_came_and_is_not_shown()
    {
        await using var strict = new ApiServer();
        await strict.InitializeAsync();
        var (exitCode, output, errors) = await RunAsync(strict.Address, ["list"], "Echo", "secret.of.somebody");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"{strict.Address} has refused the access token of GRAINFLOW_TOKEN: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);

        var broken = await RunAsync(strict.Address, "list", "--token", "two secrets");
        Assert.Equal((2, "--token is not an access token: it must be one word of ASCII characters. See ./run schedule --help.\n"), (broken.ExitCode, broken.Errors));
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(server.Address, arguments);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(string? address, params string[] arguments) => RunAsync(address, arguments, "Echo");

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string? address, string[] arguments, string agentName, string? token = null)
    {
        var folder = Directory.CreateTempSubdirectory("grainflow-test-").FullName;
        try
        {
            if (address is not null) ServerFile.Write(folder, address);
            var agent = Path.Combine(folder, "agent.json");
            await File.WriteAllTextAsync(agent, TestGraph.Echo(agentName).Set("id", "agent").Json().ToJsonString(), TestContext.Current.CancellationToken);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "Grainflow.Silo.dll"), "schedule" }.Concat(arguments)) start.ArgumentList.Add(argument == "AGENT" ? agent : argument);
            start.Environment["GRAINFLOW_DATA"] = folder;
            start.Environment.Remove("DATABASE_URL");
            start.Environment.Remove("CLUSTER");
            start.Environment["GRAINFLOW_TOKEN"] = token;
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    /// <summary>A server without accounts.</summary>
    public sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables) => variables["ENABLE_AUTH"] = "false";
    }
}
