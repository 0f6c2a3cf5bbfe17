using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <inheritdoc cref="IExecutionQueueGrain"/>
/// <remarks>The truth is the rows of the runs; what is kept here is read from them at activation, and again while runs wait.</remarks>
internal sealed partial class ExecutionQueueGrain(IRunStore runs, IOptions<GrainflowOptions> options, ILogger<ExecutionQueueGrain> logger)
    : Grain, IExecutionQueueGrain
{
    private static readonly TimeSpan ReadAgainEvery = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, Guid> _running = [];
    private readonly List<(Guid Run, Guid Graph)> _waiting = [];
    private IGrainTimer? _readAgain;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task Submit(Guid runId, Guid graphId)
    {
        if (!_running.ContainsKey(runId) && !_waiting.Exists(item => item.Run == runId)) _waiting.Add((runId, graphId));
        await AdmitAsync();
    }

    /// <inheritdoc/>
    public async Task Ended(Guid runId)
    {
        _running.Remove(runId);
        _waiting.RemoveAll(item => item.Run == runId);
        await AdmitAsync();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var active = await runs.ActiveOfUserAsync(this.GetPrimaryKeyString(), cancellationToken);
        _running.Clear();
        _waiting.Clear();
        foreach (var run in active.Where(run => run.ParentRunId is null).OrderBy(run => run.CreatedAt))
        {
            if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Running) _running[run.Id] = run.GraphId;
            else if (ExecutionStatuses.Parse(run.Status) == ExecutionStatus.Queued) _waiting.Add((run.Id, run.GraphId));
        }
    }

    private async Task AdmitAsync()
    {
        foreach (var (run, graph) in _waiting.ToList())
        {
            if (_running.Count >= options.Value.MaxConcurrentExecutionsPerUser) break;
            if (_running.Values.Count(running => running == graph) >= options.Value.MaxConcurrentGraphExecutionsPerUser) continue;
            _running[run] = graph;
            try
            {
                await GrainFactory.GetGrain<IGraphExecutionGrain>(run).Admit();
                _waiting.Remove((run, graph));
            }
            catch (Exception exception)
            {
                // Whether it was admitted is not known; the rows will tell. It keeps its place in the order.
                NotAdmitted(exception, run);
                _running.Remove(run);
                break;
            }
        }

        if (_waiting.Count == 0)
        {
            _readAgain?.Dispose();
            _readAgain = null;
        }
        else
        {
            _readAgain ??= this.RegisterGrainTimer(
                async token =>
                {
                    await ReadAsync(token);
                    await AdmitAsync();
                },
                new GrainTimerCreationOptions(ReadAgainEvery, ReadAgainEvery) { KeepAlive = true });
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "Run {RunId} could not be admitted; it stays in the queue.")]
    private partial void NotAdmitted(Exception exception, Guid runId);
}
