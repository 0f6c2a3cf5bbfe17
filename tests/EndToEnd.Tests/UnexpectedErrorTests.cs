using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

public sealed class UnexpectedErrorTests
{
    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task An_exception_on_any_thread_ends_the_process_with_one_line_and_with_its_trace_only_where_it_was_asked_for(string traces)
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        place.Environment["DOTNET_STARTUP_HOOKS"] = typeof(SharedFiles).Assembly.Location;
        place.Environment["LOG_STACK_TRACES"] = traces;
        var agent = place.File("agent.json", new AgentBuilder("waits").Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/held" }).Json());
        var arrived = world.HoldNext("held");
        await using var command = GrainflowProcess.Start(place.Environment, agent);
        await arrived;

        await command.WriteLineAsync("go");
        var result = await command.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Grainflow stopped: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: Thrown on a thread of its own.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(traces == "true", result.Errors.Contains("   at StartupHook", StringComparison.Ordinal));
        Assert.DoesNotContain("Unhandled exception", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_goes_away_ends_the_command_without_a_trace()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        var agent = place.File("agent.json", new AgentBuilder("waits").Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/held" }).Json());
        var arrived = world.HoldNext("held");
        await using var command = GrainflowProcess.Start(place.Environment, agent);
        await arrived;

        await place.CountAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        var result = await command.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The database connection that holds the instance lock was lost", result.Errors, StringComparison.Ordinal);
        result.AssertNoTrace();
    }
}
