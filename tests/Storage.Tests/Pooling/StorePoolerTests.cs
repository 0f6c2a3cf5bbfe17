using Grainflow.Storage.Tests.Billing;
using Grainflow.Storage.Tests.Execution;
using Grainflow.Storage.Tests.Graphs;
using Grainflow.Storage.Tests.Requests;
using Grainflow.Storage.Tests.RunFiles;
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

// The tests of the stores, repeated through the pooler.
public sealed class LogAppendPoolerTests(PooledDatabaseFixture fixture) : LogAppendTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class RefusedCommitPoolerTests(PooledDatabaseFixture fixture) : RefusedCommitTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class FencingPoolerTests(PooledDatabaseFixture fixture) : FencingTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class LogReaderPoolerTests(PooledDatabaseFixture fixture) : LogReaderTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class RunAheadLogPoolerTests(PooledDatabaseFixture fixture) : RunAheadLogTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class RunStorePoolerTests(PooledDatabaseFixture fixture) : RunStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class EveryHundredthFeePoolerTests(PooledDatabaseFixture fixture) : EveryHundredthFeeTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class WriterProcessesPoolerTests(PooledDatabaseFixture fixture) : WriterProcessesTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class LedgerStorePoolerTests(PooledDatabaseFixture fixture) : LedgerStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class GraphStorePoolerTests(PooledDatabaseFixture fixture) : GraphStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class GraphDeletionPoolerTests(PooledDatabaseFixture fixture) : GraphDeletionTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class RequestKeyStorePoolerTests(PooledDatabaseFixture fixture) : RequestKeyStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class RunFileStorePoolerTests(PooledDatabaseFixture fixture) : RunFileStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;

public sealed class UserStorePoolerTests(PooledDatabaseFixture fixture) : UserStoreTests(fixture.Required()), IClassFixture<PooledDatabaseFixture>;
