using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Hosting;

namespace Grainflow.Gateway.Tests.CommandLine;

/// <summary><c>./run AGENT.json</c> beside a server, as a process of its own.</summary>
public sealed class RemoteAgentTests(RemoteAgentTests.Server server) : IClassFixture<RemoteAgentTests.Server>
{
    private const string Condition = "715696a0-e1da-45c8-b209-c2fa9c3b0be6";

    [Fact]
    public async Task The_server_runs_the_agent_and_the_result_is_the_same()
    {
        var (exitCode, output, errors) = await RunAsync(Agent(), server.Address, "--input", "n=7");
        Assert.True(exitCode == 0, errors);
        var result = JsonElement.Parse(output);
        Assert.Equal(["graph_exec_id", "status", "outputs", "stats"], result.EnumerateObject().Select(member => member.Name));
        Assert.Equal("COMPLETED", result.Text("status"));
        Assert.Equal(7, result.GetProperty("outputs").GetProperty("o")[0].GetInt32());
        Assert.Contains("done", errors, StringComparison.Ordinal);
        var run = (await server.With(null).GetAsync("/api/executions")).Json.EnumerateArray().Single(run => run.Id() == result.Text("graph_exec_id"));
        Assert.Equal("""{"n":7}""", run.GetProperty("inputs").GetRawText());
    }

    [Fact]
    public async Task A_pin_of_a_starting_node_is_given_too()
    {
        var agent = new TestGraph("store").Node("keep", TestGraph.StoreValue).Node("out", TestGraph.Output, "o").Link("keep", "output", "out", "value");
        var (exitCode, output, errors) = await RunAsync(agent, server.Address, "--json", "--input", "input=5");
        Assert.True(exitCode == 0, errors);
        Assert.Equal("", errors);
        Assert.Single(JsonElement.Parse(output).GetProperty("outputs").GetProperty("o").EnumerateArray());
    }

    [Fact]
    public async Task Warnings_are_printed_before_the_status()
    {
        var agent = TestGraph.Echo("Losing").Node("if", Condition, new JsonObject { ["value1"] = 1, ["operator"] = "==", ["value2"] = 1 }).Node("keep", TestGraph.StoreValue)
            .Link("in", "result", "keep", "input").Link("if", "no_output", "keep", "data");
        var (exitCode, output, errors) = await RunAsync(agent, server.Address, "--input", "n=7");
        Assert.True(exitCode == 0, errors);
        Assert.Equal("never_ran", Assert.Single(JsonElement.Parse(output).GetProperty("stats").GetProperty("warnings").EnumerateArray()).Text("kind"));
        Assert.Contains("(Store Value) never ran: nothing arrived on 'data', and 1 execution waited for it.", errors, StringComparison.Ordinal);
        Assert.Contains("Losing: COMPLETED with 1 warning", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_told_before_anything_is_sent()
    {
        var (exitCode, output, errors) = await RunAsync(Agent(), server.Address);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("Input 'n' is missing", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_holds_the_data_all_the_same()
    {
        var (exitCode, _, errors) = await RunAsync(Agent(), "http://127.0.0.1:1", "--input", "n=7");
        Assert.Equal(1, exitCode);
        Assert.Contains("runs on this database already", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_agent_the_server_is_named()
    {
        var (exitCode, _, errors) = await RunAsync(null, server.Address);
        Assert.Equal(1, exitCode);
        Assert.Contains(server.Address, errors, StringComparison.Ordinal);
    }

    private static TestGraph Agent() => TestGraph.Echo();

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(TestGraph? agent, string address, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("grainflow-test-").FullName;
        try
        {
            ServerFile.Write(folder, address);
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Grainflow.Silo.dll"));
            if (agent is not null)
            {
                var file = Path.Combine(folder, "agent.json");
                await File.WriteAllTextAsync(file, agent.Set("id", "agent").Json().ToJsonString(), TestContext.Current.CancellationToken);
                start.ArgumentList.Add(file);
            }

            foreach (var argument in arguments) start.ArgumentList.Add(argument);
            start.Environment["DATABASE_URL"] = server.Database.ConnectionString;
            start.Environment["GRAINFLOW_DATA"] = folder;
            start.Environment.Remove("GRAINFLOW_POSTGRES_DATA");
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

    /// <summary>A server without accounts that holds its data, as the program does.</summary>
    public sealed class Server : ApiServer, IAsyncLifetime
    {
        private InstanceLock? _held;

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            _held = await InstanceLock.AcquireAsync(Database.DataSource, "grainflow", CancellationToken.None);
        }

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            if (_held is not null) await _held.DisposeAsync();
            await DisposeAsync();
        }

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["ENABLE_AUTH"] = "false";
            variables["JWT_VERIFY_KEY"] = "";
        }
    }
}
