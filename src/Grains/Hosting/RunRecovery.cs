using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Hosting;

/// <summary>Resumes the runs that earlier silos left unfinished (promise 1).</summary>
public sealed partial class RunRecovery(IRunStore runs, IGrainFactory grains, ILogger<RunRecovery> logger)
{
    private const int MaxParallelResumes = 32;

    /// <summary>Resumes every unfinished run, oldest first. A run that cannot be resumed is logged and stays unfinished.</summary>
    /// <param name="cancellationToken">Stops before the next run.</param>
    /// <returns>The runs that were resumed.</returns>
    public async Task<IReadOnlyList<RunSummary>> ResumeAllAsync(CancellationToken cancellationToken)
    {
        var unfinished = await runs.UnfinishedAsync(cancellationToken);
        var failed = new ConcurrentDictionary<Guid, bool>();
        await Parallel.ForEachAsync(
            unfinished,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelResumes, CancellationToken = cancellationToken },
            async (run, _) =>
            {
                try
                {
                    await grains.GetGrain<IGraphExecutionGrain>(run.Id).Resume();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    failed[run.Id] = true;
                    CouldNotResume(exception, run.Id);
                }
            });
        if (unfinished.Count > failed.Count) Resumed(unfinished.Count - failed.Count);
        return [.. unfinished.Where(run => !failed.ContainsKey(run.Id))];
    }

    [LoggerMessage(1001, LogLevel.Information, "Resumed {Count} unfinished runs.")]
    private partial void Resumed(int count);

    [LoggerMessage(1002, LogLevel.Error, "Run {RunId} could not be resumed; it stays as it is until the next start.")]
    private partial void CouldNotResume(Exception exception, Guid runId);
}
