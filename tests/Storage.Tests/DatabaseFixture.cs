using Grainflow.Storage.Graphs;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.Storage.Tests;

/// <summary>A database for the facts of one class, and ids that no two of them share.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private TestDatabase? _database;
    private int _lastId;

    public TestDatabase Database => _database ?? throw new InvalidOperationException("The fixture was not initialized.");

    public NpgsqlDataSource Source => Database.DataSource;

    /// <summary>A graph that is there, with version 1, for runs that need any.</summary>
    public static Guid AnyGraph { get; } = new("11111111-1111-4111-8111-111111111111");

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        var graph = new GraphRow { Id = AnyGraph, Version = 1, UserId = "nobody", Name = "any", Document = Text.Json("{}"), CreatedAt = default };
        await new GraphStore(Source).InsertAsync([graph], TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Guid NextId() => new(Interlocked.Increment(ref _lastId), 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public string NextUser() => $"user-{Interlocked.Increment(ref _lastId)}";
}
