using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>A database and a folder of a test's own, and the environment that points the program at them.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    private readonly TestDatabase? _database;
    private readonly NpgsqlDataSource _dataSource;

    private Workplace(TestDatabase? database, string connectionString, NpgsqlDataSource dataSource)
    {
        _database = database;
        _dataSource = dataSource;
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATABASE_URL"] = connectionString,
            ["GRAINFLOW_DATA"] = Folder,
        };
    }

    public TestDatabase Database => _database ?? throw new InvalidOperationException("The database is that of a server of the test's own.");

    public string Folder { get; } = Directory.CreateTempSubdirectory("grainflow-test-").FullName;

    public Dictionary<string, string> Environment { get; }

    /// <summary>A workplace with a database of its own.</summary>
    /// <param name="isEmpty">Whether the database has no tables; else it is migrated.</param>
    public static async Task<Workplace> CreateAsync(bool isEmpty = false)
    {
        var database = await (isEmpty ? TestDatabase.CreateEmptyAsync() : TestDatabase.CreateAsync());
        return new Workplace(database, database.ConnectionString, database.DataSource);
    }

    /// <summary>A workplace on the database of a server that the test restarts, and that outlives it. Nothing has been migrated.</summary>
    // Without a pool, whose sessions would break in a restart.
    public static Workplace On(PrivatePostgres server) => new(null, server.ConnectionString, NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false"));

    public string File(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs a command line of bash in the folder, where <c>./run</c> is the script with the folder as its data.</summary>
    public async Task<ProcessResult> ShellAsync(string command)
    {
        await using var process = StartShell(command);
        return await process.EndAsync();
    }

    /// <summary>Starts a command line of bash in the folder, where <c>./run</c> is the script with the folder as its data.</summary>
    public GrainflowProcess StartShell(string command)
    {
        var link = Path.Combine(Folder, "run");
        if (!System.IO.File.Exists(link)) System.IO.File.CreateSymbolicLink(link, Path.Combine(Repository.Root, "tests", "EndToEnd.Tests", "Support", "run.sh"));
        return GrainflowProcess.StartShell(Environment, Folder, command);
    }

    public Task<ProcessResult> RunAsync(params IEnumerable<string> arguments) => GrainflowProcess.RunAsync(Environment, arguments);

    public async Task<long> CountAsync(string sql)
    {
        await using var command = _dataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a count is not zero.</summary>
    public async Task UntilAsync(string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await CountAsync(sql) == 0) await tick.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        await _dataSource.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }
}
