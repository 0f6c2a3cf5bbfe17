using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// A run in memory and its place in the log. Facts are appended in the order in which they were applied, without an
/// await between; a session whose append fails is thrown away, because its state is ahead of the log.
/// </summary>
internal sealed class RunSession
{
    /// <summary>How far a run may be ahead of its log, in facts: what is computed faster than it can be stored must not pile up.</summary>
    private const int MaxFactsAhead = 100;

    /// <summary>The same in bytes of outputs.</summary>
    private const long MaxBytesAhead = 1024 * 1024;

    private static readonly IReadOnlySet<Guid> None = new HashSet<Guid>();

    private readonly IExecutionLog _log;
    private readonly RunSessionOptions _options;
    private long _bytesAhead;
    private long _snapshotAt;
    private StoredSnapshot? _snapshot;

    private RunSession(IExecutionLog log, RunSessionOptions options, GraphIndex graph, RunSpec spec, GraphRun run, long epoch, long sequence, long snapshotAt)
    {
        _log = log;
        _options = options;
        Epoch = epoch;
        _snapshotAt = snapshotAt;
        Graph = graph;
        Spec = spec;
        Run = run;
        Sequence = sequence;
        Durable = CommittedState.Of(run, sequence);
    }

    public GraphIndex Graph { get; }

    public RunSpec Spec { get; }

    public GraphRun Run { get; }

    /// <summary>The number of this session among those of the run.</summary>
    public long Epoch { get; }

    /// <summary>The last sequence number given out; later than what is durable while appends are under way.</summary>
    public long Sequence { get; private set; }

    /// <summary>The state that is durable. Queries see this and nothing newer.</summary>
    public CommittedState Durable { get; private set; }

    /// <summary>The append that was queued last. When it is committed, so are all before it.</summary>
    public Task<CommitResult> LastAppend { get; private set; } = Task.FromResult(new CommitResult(CommitOutcome.Committed, []));

    /// <summary>The first session of a run that the caller has just created: its log is empty, and nobody has opened it.</summary>
    public static RunSession Begin(IExecutionLog log, GraphIndex graph, RunSpec spec, GraphRun run, RunSessionOptions options) =>
        new(log, options, graph, spec, run, epoch: 0, sequence: 0, snapshotAt: 0);

    /// <summary>Takes up a run from its log and fences every earlier session of it.</summary>
    public static async Task<RunSession?> OpenAsync(
        Guid runId, IExecutionLog log, IRunStore runs, Func<Guid, int, Task<GraphIndex?>> graphs, RunLimits limits, RunSessionOptions options)
    {
        if (await runs.FindAsync(runId, CancellationToken.None) is not { } row) return null;
        if (await log.OpenAsync(runId, CancellationToken.None) is not { } head) return null;

        var spec = RunSpecCodec.Read(row.Spec.Span);
        var graph = await graphs(row.GraphId, row.GraphVersion)
            ?? throw new InvalidOperationException($"Run {runId} is of graph {row.GraphId} version {row.GraphVersion}, which is gone.");
        var snapshot = await log.ReadSnapshotAsync(runId, CancellationToken.None);
        var run = snapshot is null ? new GraphRun(graph, spec, limits) : GraphRun.Restore(graph, spec, limits, snapshot.Body.Span);
        var sequence = snapshot?.Sequence ?? 0;
        await foreach (var logged in log.ReadAsync(runId, sequence, CancellationToken.None))
        {
            run.Apply(RunEventCodec.Read(logged.Kind, logged.Body.Span, logged.Output is { } output ? (output.Pin, JsonValues.ParseUtf8(output.Value.Span)) : null));
            sequence = logged.Sequence;
        }

        run.TakeChanges();
        return new RunSession(log, options, graph, spec, run, head.Epoch, sequence, snapshot?.Sequence ?? 0);
    }

    /// <summary>Queues facts that are applied already.</summary>
    /// <param name="facts">The facts, in order.</param>
    /// <param name="at">When they were made.</param>
    /// <param name="awaited">False when nobody waits for them to be durable, neither for an answer nor as a listener.</param>
    public SessionAppend Append(IReadOnlyList<RunEvent> facts, DateTimeOffset at, bool awaited)
    {
        var ahead = MayRunAhead(facts);
        var commit = new RunCommit
        {
            RunId = Spec.RunId,
            UserId = Spec.UserId,
            Epoch = Epoch,
            ExpectedSequence = Sequence,
            Events = [.. facts.Select(ToLog)],
            Nodes = [.. Run.TakeChanges().Select(execution => RunRows.Of(Spec.RunId, execution, Graph.Node(execution.NodeId).BlockId))],
            Run = ToChange(facts),
            Stats = facts.Any(fact => fact is RunEvent.Started or RunEvent.NodeEnded or RunEvent.Ended) ? (ReadOnlyMemory<byte>?)RunRows.Stats(Run.Stats) : null,
            CountedDispatches = [.. facts.OfType<RunEvent.NodeDispatched>().Where(fact => fact.Attempt == 1).Select(fact => fact.NodeExecutionId)],
            RunsAhead = ahead.Count > 0 && _options.ChargesFees,
            MayWait = !awaited && MayWait(facts, ahead),
            At = at,
        };
        Sequence += facts.Count;
        var condition = CommittedState.Of(Run, Sequence);
        if (Sequence - _snapshotAt >= _options.SnapshotEvery && !Run.Status.IsFinal())
        {
            _snapshotAt = Sequence;
            _snapshot = new StoredSnapshot(Sequence, Run.Snapshot());
        }

        var append = _log.Append(commit, CancellationToken.None);
        LastAppend = FinishAsync(append.Committed, condition, commit.Events.Sum(logged => (long)(logged.Output?.Value.Length ?? 0)));
        return new SessionAppend(append.IsFree || !_options.ChargesFees ? ahead : None, LastAppend);
    }

    /// <summary>Writes the snapshot that is due, once the log has reached it. Losing one costs time at the next opening, nothing else.</summary>
    public async Task WriteSnapshotAsync()
    {
        if (_snapshot is not { } due || due.Sequence > Durable.Sequence) return;
        _snapshot = null;
        await _log.WriteSnapshotAsync(Spec.RunId, due.Sequence, due.Body, CancellationToken.None);
    }

    private IReadOnlySet<Guid> MayRunAhead(IReadOnlyList<RunEvent> facts)
    {
        if (!_options.RunsAhead || Sequence - Durable.Sequence >= MaxFactsAhead || _bytesAhead >= MaxBytesAhead) return None;
        var dispatches = facts.OfType<RunEvent.NodeDispatched>();
        return dispatches.Any() ? dispatches.Where(Run.MayRunAhead).Select(fact => fact.NodeExecutionId).ToHashSet() : None;
    }

    /// <summary>
    /// Whether more follows within moments that can be written together with these facts: effect-free nodes are under way, and neither a node that waits for
    /// its dispatch to be durable nor the end of the run is among the facts. A parent reads the log of its sub-agent, so that one never waits.
    /// </summary>
    private bool MayWait(IReadOnlyList<RunEvent> facts, IReadOnlySet<Guid> ahead) =>
        _options.RunsAhead
        && Spec.ParentRunId is null
        && Run.InFlight.Any(IsComputed)
        && facts.All(fact => fact is RunEvent.NodeOutput or RunEvent.NodeEnded or RunEvent.NodeSkipped
            || (fact is RunEvent.NodeDispatched dispatched && ahead.Contains(dispatched.NodeExecutionId)));

    /// <summary>Whether a node execution only computes and costs nothing, so that nobody outside can notice when it is recorded.</summary>
    public bool IsComputed(NodeExecution execution) => execution is { Attempt: 1, Price: 0 } && Graph.FindBlock(execution.NodeId) is { EffectFree: true };

    private async Task<CommitResult> FinishAsync(Task<CommitResult> append, CommittedState condition, long bytes)
    {
        _bytesAhead += bytes;
        var result = await append;
        _bytesAhead -= bytes;
        if (result.Outcome == CommitOutcome.Committed && condition.Sequence > Durable.Sequence) Durable = condition;
        return result;
    }

    private LogEvent ToLog(RunEvent fact) => new()
    {
        Kind = RunEventCodec.Kind(fact),
        At = fact.At,
        Body = RunEventCodec.Body(fact),
        Output = fact switch
        {
            RunEvent.NodeOutput output => new NodeOutputRow(output.NodeExecutionId, output.Ordinal, output.Pin, JsonValues.CompactUtf8(output.Value)),
            RunEvent.NodeEnded { Status: ExecutionStatus.Failed } ended =>
                new NodeOutputRow(ended.NodeExecutionId, int.MaxValue, "error", JsonSerializer.SerializeToUtf8Bytes(ended.Error ?? "")),
            _ => null,
        },
    };

    private RunChange? ToChange(IReadOnlyList<RunEvent> facts) =>
        facts.Any(fact => fact is RunEvent.Started or RunEvent.Ended)
            ? new RunChange
            {
                Status = Run.Status.Name(),
                StartedAt = Run.StartedAt,
                EndedAt = Run.EndedAt,
                Error = Run.Error,
            }
            : null;
}
