using System.Diagnostics;
using Npgsql;

namespace Grainflow.TestSupport;

/// <summary>
/// A pgbouncer in transaction mode between a test and the PostgreSQL of <see cref="TestDatabase"/>: it gives every transaction of a session whichever
/// session of the server is free. Its configuration has nothing that Grainflow asks for.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>Why a test that needs it is skipped.</summary>
    public const string Missing = "pgbouncer is not installed (apt-get install pgbouncer)";

    private const int Port = 6432;
    private const int MostLines = 100;

    /// <summary>How long it may take to start or to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly string _folder;
    private readonly List<string> _said = [];

    private PgBouncer(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>The program, or null when it is not installed. Debian puts it where the PATH of ordinary users does not go.</summary>
    public static string? Program { get; } =
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "pgbouncer"))
            .FirstOrDefault(File.Exists);

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="sessions">The sessions with the server that all its clients share for a database.</param>
    /// <param name="settings">More lines for the section <c>[pgbouncer]</c> of its configuration.</param>
    /// <exception cref="InvalidOperationException">It is not installed (<see cref="Program"/>), ended at once, or does not reach the server; the message has what it said.</exception>
    public static async Task<PgBouncer> StartAsync(int sessions, string settings = "")
    {
        var server = TestDatabase.Server();
        var folder = Directory.CreateTempSubdirectory("grainflow-pgbouncer-").FullName;
        var configuration = Path.Combine(folder, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username}{(server.Password is { } password ? $" password={password}" : "")}
            [pgbouncer]
            listen_port = {Port}
            unix_socket_dir = {folder}
            auth_type = any
            pool_mode = transaction
            default_pool_size = {sessions}
            max_client_conn = 500
            query_wait_timeout = 30
            {settings}

            """);
        // It does not run as root, and the user that it changes to must reach its folder.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var start = new ProcessStartInfo(Program ?? throw new InvalidOperationException(Missing)) { RedirectStandardError = true, UseShellExecute = false };
        if (Environment.IsPrivilegedProcess)
        {
            start.ArgumentList.Add("-u");
            // As in eng/postgres.sh, whose socket only this user reaches.
            start.ArgumentList.Add((await File.ReadAllLinesAsync("/etc/passwd")).Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody");
        }

        start.ArgumentList.Add(configuration);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} did not start.");
        var pooler = new PgBouncer(process, folder);
        try
        {
            await pooler.WaitUntilUpAsync().WaitAsync(Patience);
            await pooler.RequireServerAsync();
            return pooler;
        }
        catch (Exception exception)
        {
            await pooler.DisposeAsync();
            throw new InvalidOperationException($"pgbouncer does not serve ({exception.Message}):\n{pooler.Said()}", exception);
        }
    }

    /// <summary>The connection string of a test's database through it.</summary>
    /// <param name="database">The database.</param>
    public string ConnectionString(TestDatabase database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = _folder, Port = Port }.ConnectionString;

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits until it says that it is up, and goes on reading what it says.</summary>
    private async Task WaitUntilUpAsync()
    {
        var up = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                up.TrySetResult(false);
                return;
            }

            if (line.Data.Contains("process up", StringComparison.Ordinal)) up.TrySetResult(true);
            lock (_said)
            {
                if (_said.Count < MostLines) _said.Add(line.Data);
            }
        };
        _process.BeginErrorReadLine();
        if (!await up.Task) throw new InvalidOperationException("it ended at once");
    }

    /// <summary>Opens a session through it. A pooler that does not reach the server would keep every client waiting.</summary>
    private async Task RequireServerAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(TestDatabase.Server().ConnectionString) { Host = _folder, Port = Port, Pooling = false, Timeout = (int)Patience.TotalSeconds };
        await using var source = NpgsqlDataSource.Create(settings);
        await using var connection = await source.OpenConnectionAsync();
    }

    private string Said()
    {
        lock (_said) return string.Join('\n', _said);
    }
}
