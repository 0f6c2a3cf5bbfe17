using System.Text.Json.Nodes;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Monitoring;

/// <summary>Deletes the files that have expired; the host has them.</summary>
public interface IExpiredFiles
{
    /// <summary>Deletes all files that have expired, and contents that no file names any more.</summary>
    /// <param name="cancellationToken">Stops before the next one.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteAsync(CancellationToken cancellationToken);
}

/// <summary>Deletes files that have expired (contract: semantics 5.1 and 9.5). The result is how many were deleted.</summary>
internal sealed class ExpiredFilesTask(IExpiredFiles files, IOptions<SystemTaskOptions> options) : ISystemTask
{
    public string Name => SystemTaskNames.ExpiredFiles;

    public TimeSpan? Interval => TimeSpan.FromHours(options.Value.FileCleanupHours);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken) => new(JsonValue.Create(await files.DeleteAsync(cancellationToken)), []);
}

/// <summary>
/// Deletes logins at OAuth providers that were not finished (contract: semantics 5.1), and the record of accesses to credentials after <see cref="KeptAccesses"/>. The result is how many
/// logins were deleted.
/// </summary>
internal sealed class OAuthTokensTask(IOAuthStateStore states, ICredentialLeaseStore accesses, IOptions<SystemTaskOptions> options) : ISystemTask
{
    /// <summary>How long the record of an access is kept.</summary>
    public static readonly TimeSpan KeptAccesses = TimeSpan.FromDays(90);

    private const int MostPerStatement = 1000;

    public string Name => SystemTaskNames.OAuthTokens;

    public TimeSpan? Interval => TimeSpan.FromHours(options.Value.OAuthCleanupHours);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deleted = await AllAsync(limit => states.DeleteExpiredAsync(now, limit, cancellationToken));
        await AllAsync(limit => accesses.DeleteAccessesAsync(now - KeptAccesses, limit, cancellationToken));
        return new SystemTaskOutcome(JsonValue.Create(deleted), []);
    }

    private static async Task<int> AllAsync(Func<int, Task<int>> delete)
    {
        var deleted = 0;
        while (true)
        {
            var count = await delete(MostPerStatement);
            deleted += count;
            if (count < MostPerStatement) return deleted;
        }
    }
}

/// <summary>Weekly summaries, Monday 09:00 in the time zone of each user, checked hourly (decision 21). Notifications are not built yet.</summary>
internal sealed class WeeklySummaryTask : ISystemTask
{
    public string Name => SystemTaskNames.WeeklySummary;

    public TimeSpan? Interval => TimeSpan.FromHours(1);

    public Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(SystemTaskOutcome.Text("No summaries were queued: notifications are not built yet."));
}

/// <summary>Batches of notifications that have waited for long enough (contract: semantics 6.4). It has no interval, because each batch is to have a timer (decision 20).</summary>
internal sealed class ExistingBatchesTask : ISystemTask
{
    public string Name => SystemTaskNames.ExistingBatches;

    public TimeSpan? Interval => null;

    public Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(SystemTaskOutcome.Text("No batches were sent: notifications are not built yet."));
}

/// <summary>Embeddings of the search (contract: semantics 5.1), each 6 hours and at each start. The search is not built yet; the answer has the contract's form.</summary>
internal sealed class EmbeddingsTask : ISystemTask
{
    public string Name => SystemTaskNames.Embeddings;

    public TimeSpan? Interval => TimeSpan.FromHours(6);

    public bool RunsAtStart => true;

    public Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken) => Task.FromResult(new SystemTaskOutcome(
        new JsonObject
        {
            ["backfill"] = new JsonObject { ["processed"] = 0, ["success"] = 0, ["failed"] = 0 },
            ["cleanup"] = new JsonObject { ["deleted"] = 0 },
            ["error"] = "Nothing was done: the search and its embeddings are not built yet.",
        },
        []));
}
