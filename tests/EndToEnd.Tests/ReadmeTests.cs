using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>The steps of README, as they are written there.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_first_agent_and_its_scenario_run_as_they_are_written()
    {
        await using var place = await Workplace.CreateAsync();
        place.File("shout.json", Readme.Saved("shout.json"));
        place.File("shout.scenario.json", Readme.Saved("shout.scenario.json"));

        var run = await place.ShellAsync(Readme.Commands("./run shout.json --input word=hello"));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("""{"answer":["HELLO!"]}""", run.OutputsJson);

        var scenario = await place.ShellAsync(Readme.Commands("./run shout.json --scenario shout.scenario.json"));
        Assert.True(scenario.ExitCode == 0, scenario.Output + scenario.Errors);
        Assert.EndsWith("1 of 1 cases hold.\n", scenario.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_agent_is_stored_and_executed_by_a_server_as_it_is_written()
    {
        await using var place = await Workplace.CreateAsync();
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        var graph = await server.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(Readme.Saved("shout.json")) }.ToJsonString());
        var run = await server.PostAsync($"/api/graphs/{graph.GetProperty("id")}/execute/1", """{"inputs": {"word": "hello"}}""");
        var (graphId, runId) = (graph.GetProperty("id").GetString()!, run.GetProperty("id").GetString()!);
        Assert.Equal("COMPLETED", await server.EndOfAsync(graphId, runId));
        Assert.Equal("""["HELLO!"]""", (await server.GetAsync($"/api/graphs/{graphId}/executions/{runId}")).GetProperty("outputs").GetProperty("answer").GetRawText());
    }

    [Fact]
    public async Task The_session_with_curl_goes_as_it_is_written()
    {
        foreach (var program in new[] { "curl", "jq" })
            if (!Path.Exists($"/usr/bin/{program}")) Assert.Skip($"{program} is not installed.");

        await using var place = await Workplace.CreateAsync();
        var port = FreePorts.Pair();
        await using var server = await RunningServer.StartAsync(place, port);
        Directory.CreateSymbolicLink(Path.Combine(place.Folder, "examples"), Repository.Example(""));
        var session = Readme.Commands("URL=http://127.0.0.1:8000").Replace(":8000", $":{port}", StringComparison.Ordinal);

        var first = await place.ShellAsync("set -euo pipefail\n" + session + "echo $GRAPH $RUN");

        Assert.True(first.ExitCode == 0, first.Errors);
        var ids = first.Output.TrimEnd().Split('\n')[^1].Split(' ');
        Assert.Equal("COMPLETED", await server.EndOfAsync(ids[0], ids[1]));

        var stop = session[..session.IndexOf("# create", StringComparison.Ordinal)] + Readme.Commands("/stop | jq .status");
        var second = await place.ShellAsync("set -euo pipefail\n" + stop);
        Assert.True(second.ExitCode == 0, second.Errors);
        Assert.Contains("\"TERMINATED\"", second.Output, StringComparison.Ordinal);
    }
}
