using System.Diagnostics;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>A PostgreSQL server of one test, as <c>./run</c> starts it without DATABASE_URL, so that the test may restart it. It keeps what it has committed.</summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    /// <summary>The functions of the script as <c>start</c> and <c>stop</c> use them; the server keeps its socket, which a stop and a start would not.</summary>
    private const string Restart =
        """
        set -euo pipefail
        . "$1"
        pg_folder "$2"
        pg_ensure "$PG_FOLDER"
        pg_identity "$PG_FOLDER/postgres"
        pg_run pg_ctl restart -D "$(pg_cluster "$PG_FOLDER")" -l "$(pg_cluster "$PG_FOLDER")/server.log" -m immediate -w -t 60 > "$PG_FOLDER/postgres.log" < /dev/null
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-test-").FullName;

    private PrivatePostgres()
    {
    }

    /// <summary>The connection string of its database.</summary>
    public string ConnectionString { get; private set; } = "";

    private static string Script => Path.Combine(Repository.Root, "eng", "postgres.sh");

    /// <summary>Starts a server with an empty database. Skips the test where there is none to be had.</summary>
    public static async Task<PrivatePostgres> StartAsync()
    {
        var server = new PrivatePostgres();
        var (exitCode, output, errors) = await RunAsync(Script, "start", server._folder);
        if (exitCode != 0)
        {
            await server.DisposeAsync();
            Assert.Skip($"A PostgreSQL server of the test's own cannot be had: {errors.TrimEnd()}");
        }

        server.ConnectionString = output.Trim();
        return server;
    }

    /// <summary>Ends its processes as a crash of the server does, and starts it again on the same data.</summary>
    public async Task CrashAndRestartAsync()
    {
        var (exitCode, _, errors) = await RunAsync("bash", "-c", Restart, "restart", Script, _folder);
        Assert.True(exitCode == 0, $"PostgreSQL did not restart: {errors}");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(Script, "stop", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string file, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("PG_PROFILE");
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
