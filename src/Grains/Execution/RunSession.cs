using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// A run in memory and its position in the log. Events are appended in the order in which they were applied, with no await between applying and appending. A
/// session whose append fails is dropped, because its state is ahead of the log.
/// </summary>
internal sealed class RunSession
{
    /// <summary>
    /// With this many events that are not durable yet, nodes do not start ahead of the log, so that a run that computes faster than the database stores does
    /// not fill the memory.
    /// </summary>
    private const int MaxEventsAhead = 100;

    /// <summary>The same limit in bytes of outputs.</summary>
    private const long MaxBytesAhead = 1024 * 1024;

    private static readonly IReadOnlySet<Guid> None = new HashSet<Guid>();

    private readonly IExecutionLog _log;
    private readonly RunSessionOptions _options;
    private long _bytesAhead;
    private long _snapshotAt;
    private StoredSnapshot? _snapshot;

    private RunSession(IExecutionLog log, RunSessionOptions options, RunSpec spec, GraphRun run, long epoch, long sequence, long snapshotAt)
    {
        _log = log;
        _options = options;
        Epoch = epoch;
        _snapshotAt = snapshotAt;
        Spec = spec;
        Run = run;
        Sequence = sequence;
        Durable = CommittedState.Of(run, sequence);
    }

    public GraphIndex Graph => Run.Graph;

    public RunSpec Spec { get; }

    public GraphRun Run { get; }

    /// <summary>The number of this session among those of the run.</summary>
    public long Epoch { get; }

    /// <summary>The last sequence number assigned; greater than that of <see cref="Durable"/> while appends are under way.</summary>
    public long Sequence { get; private set; }

    /// <summary>The state after the last durable event. Queries answer this state and no newer one.</summary>
    public CommittedState Durable { get; private set; }

    /// <summary>The append that was queued last. When it is committed, all earlier ones are.</summary>
    public Task<CommitResult> LastAppend { get; private set; } = Task.FromResult(new CommitResult(CommitOutcome.Committed, []));

    /// <summary>Creates the first session of a run that the caller has just stored: its log is empty and no other session has opened it.</summary>
    public static RunSession Begin(IExecutionLog log, RunSpec spec, GraphRun run, RunSessionOptions options) =>
        new(log, options, spec, run, epoch: 0, sequence: 0, snapshotAt: 0);

    /// <summary>Rebuilds a run from its snapshot and log, and fences every earlier session. Null when there is no such run.</summary>
    public static async Task<RunSession?> OpenAsync(
        Guid runId, string host, IExecutionLog log, IRunStore runs, Func<Guid, int, Task<GraphIndex?>> graphs, RunLimits limits, RunSessionOptions options)
    {
        if (await runs.FindAsync(runId, CancellationToken.None) is not { } row) return null;
        if (await log.OpenAsync(runId, host, CancellationToken.None) is not { } head) return null;

        var spec = RunSpecCodec.Read(row.Spec.Span);
        var graph = await graphs(row.GraphId, row.GraphVersion)
            ?? throw new InvalidOperationException($"Run {runId} is of graph {row.GraphId} version {row.GraphVersion}, which is gone.");
        var snapshot = await log.ReadSnapshotAsync(runId, CancellationToken.None);
        var run = snapshot is null ? new GraphRun(graph, spec, limits) : GraphRun.Restore(graph, spec, limits, snapshot.Body.Span);
        var sequence = snapshot?.Sequence ?? 0;
        await foreach (var logged in log.ReadAsync(runId, sequence, CancellationToken.None))
        {
            run.Apply(logged.ToRunEvent());
            sequence = logged.Sequence;
        }

        run.DrainChanges();
        return new RunSession(log, options, spec, run, head.Epoch, sequence, snapshot?.Sequence ?? 0);
    }

    /// <summary>Queues events that are applied already.</summary>
    /// <param name="events">The events, in order.</param>
    /// <param name="at">The time of the events.</param>
    /// <param name="awaited">False when neither a caller nor a listener waits for them to become durable.</param>
    public SessionAppend Append(IReadOnlyList<RunEvent> events, DateTimeOffset at, bool awaited)
    {
        var ahead = MayRunAhead(events);
        var commit = new RunCommit
        {
            RunId = Spec.RunId,
            UserId = Spec.UserId,
            Epoch = Epoch,
            ExpectedSequence = Sequence,
            Events = [.. events.Select(ToLog)],
            Nodes = [.. Run.DrainChanges().Select(execution => RunRows.Of(Spec.RunId, execution, Graph.Node(execution.NodeId).BlockId))],
            Run = ToChange(events),
            Stats = events.Any(runEvent => runEvent is RunEvent.Started or RunEvent.NodeEnded or RunEvent.Ended) ? (ReadOnlyMemory<byte>?)RunStatsJson.ToUtf8(Run.Stats, Run.Warnings) : null,
            CountedDispatches = Spec.IsDryRun ? [] : [.. events.OfType<RunEvent.NodeDispatched>().Where(runEvent => runEvent.Attempt == 1).Select(runEvent => runEvent.NodeExecutionId)],
            RunsAhead = ahead.Count > 0 && _options.ChargesFees,
            MayWait = !awaited && MayWait(events, ahead),
            At = at,
        };
        Sequence += events.Count;
        var state = CommittedState.Of(Run, Sequence);
        if (Sequence - _snapshotAt >= _options.SnapshotEvery && !Run.Status.IsFinal())
        {
            _snapshotAt = Sequence;
            _snapshot = new StoredSnapshot(Sequence, Run.Snapshot());
        }

        var append = _log.Append(commit, CancellationToken.None);
        LastAppend = FinishAsync(append.Committed, state, commit.Events.Sum(logged => (long)(logged.Output?.Value.Length ?? 0)));
        return new SessionAppend(append.IsFree || !_options.ChargesFees ? ahead : None, LastAppend);
    }

    /// <summary>Writes the snapshot that is due, once its sequence is durable. A lost snapshot only makes the next opening slower.</summary>
    public async Task WriteSnapshotAsync()
    {
        if (_snapshot is not { } due || due.Sequence > Durable.Sequence) return;
        _snapshot = null;
        await _log.WriteSnapshotAsync(Spec.RunId, due.Sequence, due.Body, CancellationToken.None);
    }

    private IReadOnlySet<Guid> MayRunAhead(IReadOnlyList<RunEvent> events)
    {
        if (!_options.RunsAhead || Sequence - Durable.Sequence >= MaxEventsAhead || _bytesAhead >= MaxBytesAhead) return None;
        var dispatches = events.OfType<RunEvent.NodeDispatched>();
        return dispatches.Any() ? dispatches.Where(Run.MayRunAhead).Select(runEvent => runEvent.NodeExecutionId).ToHashSet() : None;
    }

    /// <summary>
    /// Whether the commit may be held back, to be written together with events that follow soon. That is so when effect-free nodes are under way and the
    /// events contain neither the end of the run nor the dispatch of a node that waits for it to be durable. Commits of a sub-agent are not held back, because its parent
    /// reads its log.
    /// </summary>
    private bool MayWait(IReadOnlyList<RunEvent> events, IReadOnlySet<Guid> ahead) =>
        _options.RunsAhead
        && Spec.ParentRunId is null
        && Run.InFlight.Any(IsComputed)
        && events.All(runEvent => runEvent is RunEvent.NodeOutput or RunEvent.NodeEnded or RunEvent.NodeSkipped
            || (runEvent is RunEvent.NodeDispatched dispatched && ahead.Contains(dispatched.NodeExecutionId)));

    /// <summary>Whether the block of a node execution only computes.</summary>
    public bool IsEffectFree(NodeExecution execution) => Graph.FindBlock(execution.NodeId) is { EffectFree: true };

    /// <summary>Whether a node execution only computes and costs nothing, so that nobody outside can notice when it is recorded (ADR 0014).</summary>
    public bool IsComputed(NodeExecution execution) => execution is { Attempt: 1, Price: 0 } && IsEffectFree(execution);

    private async Task<CommitResult> FinishAsync(Task<CommitResult> append, CommittedState state, long bytes)
    {
        _bytesAhead += bytes;
        var result = await append;
        _bytesAhead -= bytes;
        if (result.Outcome == CommitOutcome.Committed && state.Sequence > Durable.Sequence) Durable = state;
        return result;
    }

    private LogEvent ToLog(RunEvent runEvent) => new()
    {
        Kind = RunEventCodec.Kind(runEvent),
        At = runEvent.At,
        Body = RunEventCodec.Body(runEvent),
        Output = runEvent switch
        {
            RunEvent.NodeOutput output => new NodeOutputRow(output.NodeExecutionId, output.Ordinal, output.Pin, JsonValues.CompactUtf8(output.Value)),
            RunEvent.NodeEnded { Status: ExecutionStatus.Failed } ended =>
                new NodeOutputRow(ended.NodeExecutionId, int.MaxValue, "error", JsonSerializer.SerializeToUtf8Bytes(ended.Error ?? "")),
            _ => null,
        },
    };

    private RunChange? ToChange(IReadOnlyList<RunEvent> events) =>
        events.Any(runEvent => runEvent is RunEvent.Started or RunEvent.Reviewed or RunEvent.Ended)
            ? new RunChange
            {
                Status = Run.Status.Name(),
                StartedAt = Run.StartedAt,
                EndedAt = Run.EndedAt,
                Error = Run.Error,
            }
            : null;
}

/// <summary>How a session writes to the log.</summary>
/// <param name="SnapshotEvery">A snapshot of the state is written each time the log has grown by this many events.</param>
/// <param name="ChargesFees">False when credits are switched off, so that no dispatch can owe the every-100th fee.</param>
/// <param name="RunsAhead">False when every step waits for its commit (ADR 0014).</param>
internal sealed record RunSessionOptions(int SnapshotEvery, bool ChargesFees, bool RunsAhead)
{
    public static RunSessionOptions Of(GrainflowOptions options) => new(options.SnapshotEvery, options.EnableCredit, options.RunAhead);
}

/// <summary>Events that were queued for the log.</summary>
/// <param name="Ahead">Node executions that the events dispatch and that may start at once (ADR 0014). All others start only when the events are durable.</param>
/// <param name="Durable">The result of the commit.</param>
internal readonly record struct SessionAppend(IReadOnlySet<Guid> Ahead, Task<CommitResult> Durable);

/// <summary>The part of the state of a run, after one event of its log, that queries answer.</summary>
internal sealed record CommittedState(long Sequence, ExecutionStatus Status, bool IsStopping, string? Error, RunStats Stats, RunWarnings Warnings, RunWarnings WarningsForParent)
{
    public static CommittedState Of(GraphRun run, long sequence) => new(sequence, run.Status, run.IsStopping, run.Error, run.Stats, run.Warnings, run.Status.IsFinal() ? run.WarningsForParent : RunWarnings.None);
}
