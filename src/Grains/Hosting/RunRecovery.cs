using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Hosting;

/// <summary>Resumes the runs that dead silos left unfinished (promise 1), by the supervisors that look after them later, too.</summary>
public sealed partial class RunRecovery(IRunStore runs, IGrainFactory grains, ILogger<RunRecovery> logger)
{
    /// <summary>Resumes every unfinished run whose silo is dead. One that cannot be resumed is tried again by its supervisor.</summary>
    /// <param name="cancellationToken">Stops before the next shard.</param>
    /// <returns>The runs that were resumed, oldest first.</returns>
    public async Task<IReadOnlyList<RunSummary>> ResumeAllAsync(CancellationToken cancellationToken)
    {
        var unfinished = await runs.UnfinishedAsync(cancellationToken);
        if (unfinished.Count == 0) return [];
        var resumed = new ConcurrentDictionary<Guid, bool>();
        await Parallel.ForEachAsync(Enumerable.Range(0, RunSupervisionStore.Shards), cancellationToken, async (shard, _) =>
        {
            var ids = new List<Guid>();
            try
            {
                await RunSupervision.LookAsync(grains.GetGrain<IRunSupervisorGrain>(shard), now: true, ids);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                ShardNotRecovered(exception, shard);
            }

            foreach (var id in ids) resumed[id] = true;
        });
        if (!resumed.IsEmpty) Resumed(resumed.Count);
        return [.. unfinished.Where(run => resumed.ContainsKey(run.Id))];
    }

    [LoggerMessage(1001, LogLevel.Information, "Resumed {Count} unfinished runs.")]
    private partial void Resumed(int count);

    [LoggerMessage(1414, LogLevel.Error, "The unfinished runs of shard {Shard} could not all be resumed; the supervision goes on with them.")]
    private partial void ShardNotRecovered(Exception exception, int shard);
}
