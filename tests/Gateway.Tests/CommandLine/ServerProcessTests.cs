using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grainflow.Silo.Hosting;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.CommandLine;

/// <summary><c>./run</c> as a process of its own.</summary>
public sealed class ServerProcessTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-test-").FullName;
    private TestDatabase? _database;

    [Fact]
    public async Task A_server_says_how_to_try_it_and_ends_well_when_it_is_told_to()
    {
        var port = FreePorts.Pair();
        using var process = Start("--port", $"{port}");
        Assert.Equal($"Grainflow serves http://127.0.0.1:{port}", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"curl http://127.0.0.1:{port}/api/blocks", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/api/graphs"), TestContext.Current.CancellationToken)).StatusCode);
        foreach (var probe in new[] { "startup", "ready", "live" })
            Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/{probe}"), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal((process.Id, $"http://127.0.0.1:{port}"), (ServerFile.Read(_folder)!.ProcessId, ServerFile.Read(_folder)!.Url));

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Null(ServerFile.Read(_folder));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_cure()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        using var process = Start("--port", $"{port}");
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith($"Port {port} is taken. Choose another one: ./run --port ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_dead_server_left_is_removed_by_the_next()
    {
        ServerFile.Write(_folder, "http://127.0.0.1:1");
        using var process = Start("no-such-agent.json");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Null(ServerFile.Read(_folder));
    }

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _database!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Grainflow.Silo.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DATABASE_URL"] = _database!.ConnectionString;
        start.Environment["GRAINFLOW_DATA"] = _folder;
        foreach (var name in new[] { "GRAINFLOW_POSTGRES_DATA", "APP_ENV", "ENABLE_AUTH", "AGENT_API_HOST", "WEBSOCKET_SERVER_PORT" }) start.Environment.Remove(name);
        return Process.Start(start)!;
    }
}
