using Grainflow.Storage.Tests.Billing;
using Grainflow.Storage.Tests.Execution;
using Grainflow.Storage.Tests.Graphs;
using Grainflow.Storage.Tests.Requests;
using Grainflow.Storage.Tests.Users;
using Grainflow.TestSupport;

[assembly: AssemblyFixture(typeof(Grainflow.Storage.Tests.Pooling.PoolerFixture))]

namespace Grainflow.Storage.Tests.Pooling;

/// <summary>A pgbouncer for all classes of this program; none where it is not installed.</summary>
public sealed class PoolerFixture : IAsyncLifetime
{
    private PgBouncer? _pooler;

    /// <summary>Fewer sessions than a store has connections, so that they change between transactions.</summary>
    public const int Sessions = 4;

    /// <summary>The pooler; skips the running test where it is not installed.</summary>
    public PgBouncer Pooler
    {
        get
        {
            Assert.SkipWhen(_pooler is null, PgBouncer.Missing);
            return _pooler!;
        }
    }

    public bool IsThere => _pooler is not null;

    public async ValueTask InitializeAsync() => _pooler = PgBouncer.Program is null ? null : await PgBouncer.StartAsync(Sessions);

    public ValueTask DisposeAsync() => _pooler?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A database whose stores reach it through a pgbouncer in transaction mode.</summary>
public sealed class PooledDatabaseFixture(PoolerFixture pooler) : DatabaseFixture
{
    /// <summary>Skips the running test where there is no pooler. A fixture cannot skip.</summary>
    public PooledDatabaseFixture Required()
    {
        _ = pooler.Pooler;
        return this;
    }

    protected override Database Open(TestDatabase database) =>
        pooler.IsThere ? new Database(pooler.Pooler.ConnectionString(database), loggerFactory: null) : base.Open(database);
}

// The facts of the stores, once more through the pooler.
public sealed class Appending_to_a_run_behind_a_pooler(PooledDatabaseFixture fixture) : Appending_to_a_run(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Commits_that_the_database_refuses_behind_a_pooler(PooledDatabaseFixture fixture) : Commits_that_the_database_refuses(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Fencing_of_writers_behind_a_pooler(PooledDatabaseFixture fixture) : Fencing_of_writers(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Reading_the_log_behind_a_pooler(PooledDatabaseFixture fixture) : Reading_the_log(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Running_ahead_of_the_log_behind_a_pooler(PooledDatabaseFixture fixture) : Running_ahead_of_the_log(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Runs_in_the_store_behind_a_pooler(PooledDatabaseFixture fixture) : Runs_in_the_store(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class The_every_100th_fee_behind_a_pooler(PooledDatabaseFixture fixture) : The_every_100th_fee(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Writers_of_several_processes_behind_a_pooler(PooledDatabaseFixture fixture) : Writers_of_several_processes(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class The_ledger_behind_a_pooler(PooledDatabaseFixture fixture) : The_ledger(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Graphs_in_the_store_behind_a_pooler(PooledDatabaseFixture fixture) : Graphs_in_the_store(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Graphs_that_are_deleted_behind_a_pooler(PooledDatabaseFixture fixture) : Graphs_that_are_deleted(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Keys_of_requests_behind_a_pooler(PooledDatabaseFixture fixture) : Keys_of_requests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class Users_in_the_store_behind_a_pooler(PooledDatabaseFixture fixture) : Users_in_the_store(fixture.Required()), IClassFixture<PooledDatabaseFixture>;
