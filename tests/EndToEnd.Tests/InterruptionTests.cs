using System.Diagnostics;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Ctrl-C and TERM.</summary>
public sealed class InterruptionTests
{
    [Theory(Explicit = true)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_run_that_a_server_has_goes_on_there_and_the_message_says_how_to_look_at_it_and_to_stop_it(string signal)
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);
        var port = FreePorts.Pair();
        await using var server = await RunningServer.StartAsync(place, port);
        var arrived = world.HoldNext("held");
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, agent);
        await arrived;

        await command.SignalAsync(signal);
        var result = await command.EndAsync();

        Assert.Equal((130, ""), (result.ExitCode, result.Output));
        var lines = result.Errors.TrimEnd().Split('\n')[^3..];
        var run = (await server.GetAsync("/api/executions"))[0];
        var path = $"http://127.0.0.1:{port}/api/graphs/{run.GetProperty("graph_id")}/executions/{run.GetProperty("id")}";
        Assert.Equal(
            [$"Interrupted. Run {run.GetProperty("id")} goes on at http://127.0.0.1:{port}.", $"  look at it:  curl {path}", $"  stop it:     curl -X POST {path}/stop"],
            lines);
        Assert.Equal("RUNNING", run.GetProperty("status").GetString());
        (await server.Http.PostAsync(new Uri(path + "/stop"), null)).EnsureSuccessStatusCode();
        Assert.Equal("TERMINATED", (await server.GetAsync(path)).GetProperty("status").GetString());
    }

    [Fact(Explicit = true)]
    public async Task A_run_whose_server_dies_goes_on_at_the_next_start_and_the_message_says_so()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        var arrived = world.HoldNext("held");
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, agent);
        await arrived;

        await server.KillAsync();
        var result = await command.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(" does not answer any more: ", result.LastError, StringComparison.Ordinal);
        Assert.EndsWith(" goes on at the next start with this data folder.", result.LastError, StringComparison.Ordinal);
        result.AssertNoTrace();
    }

    [Fact]
    public async Task A_run_of_the_command_itself_goes_on_at_the_next_start()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        var agent = Prepare(place, world);
        var arrived = world.HoldNext("held");
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, agent);
        await arrived;

        await command.SignalAsync("INT");
        var result = await command.EndAsync();

        Assert.Equal((130, "Interrupted. Unfinished runs go on at the next start with this data folder."), (result.ExitCode, result.LastError));
        var next = await place.RunAsync(agent);
        Assert.Equal("COMPLETED", next.Status);
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs"));
    }

    [Fact]
    public async Task A_command_that_waits_for_the_content_of_a_pipe_ends()
    {
        await using var place = await Workplace.CreateAsync();
        var pipe = Path.Combine(place.Folder, "pipe");
        using (var made = Process.Start("mkfifo", [pipe])) await made.WaitForExitAsync();
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, pipe);
        // The writer's end opens when the command has opened its own.
        await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write)).WaitAsync(TimeSpan.FromMinutes(2));

        await command.SignalAsync("INT");
        var result = await command.EndAsync();

        Assert.Equal((130, "Interrupted. Unfinished runs go on at the next start with this data folder."), (result.ExitCode, result.LastError));
    }

    [Fact(Explicit = true)]
    public async Task A_second_signal_ends_the_process_at_once()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        // A model that is asked keeps a stopping process waiting.
        place.Environment["OPENAI_BASE_URL"] = world.Address + "/v1";
        place.Environment["OPENAI_API_KEY"] = "key";
        var agent = place.File("agent.json", new AgentBuilder("waits").Node("ask", AgentBuilder.TextGenerator, new JsonObject { ["model"] = "gpt-4o-mini", ["prompt"] = "held" }).Json());
        var arrived = world.HoldNext("model held");
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, agent);
        await arrived;

        await command.SignalAsync("INT");
        await command.SignalAsync("INT");
        var result = await command.EndAsync();

        Assert.Equal(130, result.ExitCode);
        result.AssertNoTrace();
    }

    [Fact(Explicit = true)]
    public async Task A_run_of_a_scenario_is_stopped_so_that_no_later_start_resumes_it_with_real_services()
    {
        await using var place = await Workplace.CreateAsync();
        var guests = new JsonArray([.. Enumerable.Range(0, 3000).Select(number => (JsonNode)$"guest {number}")]);
        var scenario = place.File("s.json", new JsonArray(new JsonObject { ["agent_file"] = "invitations.json", ["scenario"] = "many", ["inputs"] = new JsonObject { ["guests"] = guests } }).ToJsonString());
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, Repository.Example("invitations.json"), "--scenario", scenario);
        await command.SaysAsync("start ");

        await command.SignalAsync("INT");
        var result = await command.EndAsync();

        Assert.Equal((130, "Interrupted. The run of case 'many' was stopped."), (result.ExitCode, result.LastError));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'TERMINATED'"));
    }

    private static string Prepare(Workplace place, OutsideWorld world)
    {
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        return place.File("agent.json", new AgentBuilder("waits").Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/held" }).Json());
    }
}
