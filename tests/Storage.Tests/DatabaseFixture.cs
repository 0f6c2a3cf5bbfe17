using Grainflow.Storage.Graphs;
using Grainflow.TestSupport;

namespace Grainflow.Storage.Tests;

/// <summary>A database for the tests of one class, and ids that no two of them share.</summary>
public class DatabaseFixture : IAsyncLifetime
{
    private TestDatabase? _database;
    private Database? _source;
    private int _lastId;

    public TestDatabase Database => _database ?? throw new InvalidOperationException("The fixture was not initialized.");

    /// <summary>The database as the stores use it.</summary>
    public Database Source => _source ?? throw new InvalidOperationException("The fixture was not initialized.");

    /// <summary>A graph that is there, with version 1, for runs that need any.</summary>
    public static Guid AnyGraph { get; } = new("11111111-1111-4111-8111-111111111111");

    public virtual async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        _source = Open(_database);
        var graph = new GraphRow { Id = AnyGraph, Version = 1, UserId = "nobody", Name = "any", Document = Text.Json("{}"), CreatedAt = default };
        await new GraphStore(Source).InsertAsync([graph], TestContext.Current.CancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_source is not null) await _source.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public Guid NextId() => new(Interlocked.Increment(ref _lastId), 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public string NextUser() => $"user-{Interlocked.Increment(ref _lastId)}";

    protected virtual Database Open(TestDatabase database) => new(database.DataSource);
}
