using System.Globalization;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>
/// The dataflow of one run as a state machine (contract: semantics 2.5 to 2.10). <see cref="Apply(RunEvent)"/> changes the state by an event;
/// <see cref="Decide"/> returns the events that follow from the state. The caller appends the events to the log and acts only on durable ones, except
/// for ADR 0014. The same events in the same order always give the same state and the same ids, so a
/// run is rebuilt by applying its log. Not thread-safe.
/// </summary>
public sealed partial class GraphRun
{
    private readonly GraphIndex _graph;
    private readonly RunSpec _spec;
    private readonly RunLimits _limits;

    /// <summary>Executions that wait for inputs, by node, in the order in which they were created.</summary>
    private readonly Dictionary<string, WaitingExecutions> _waiting = new(StringComparer.Ordinal);

    /// <summary>Executions that are ready to be dispatched, in the order in which their inputs became complete.</summary>
    private readonly Queue<NodeExecution> _ready = new();

    private readonly Dictionary<Guid, NodeExecution> _running = [];

    /// <summary>Executions of each node in dispatch order. Only outputs of the first are routed (semantics 2.5, routing order).</summary>
    private readonly Dictionary<string, Queue<NodeExecution>> _lanes = new(StringComparer.Ordinal);

    /// <summary>The input of the last queued execution of each node with static links, from which later executions take values.</summary>
    private readonly Dictionary<string, PinValues> _lastInput = new(StringComparer.Ordinal);

    private readonly Dictionary<Guid, NodeExecution> _changed = [];

    /// <summary>Executions that wait for a review, in the order in which they were paused.</summary>
    private readonly List<NodeExecution> _reviewed = [];

    /// <summary>How long the run has gone on before it was started the last time; the time that it waits for reviews is not counted.</summary>
    private TimeSpan _ranBefore;

    /// <summary>When the run was started the last time; null before it began.</summary>
    private DateTimeOffset? _goesOnSince;

    private int _created;
    private int _dispatched;
    private bool _tooManyOutputs;
    private (ExecutionStatus Outcome, string? Reason)? _stop;

    /// <summary>Creates a run in the state QUEUED, with its starting nodes ready.</summary>
    /// <param name="graph">The graph version of the spec.</param>
    /// <param name="spec">The spec of the run.</param>
    /// <param name="limits">The limits of the run.</param>
    public GraphRun(GraphIndex graph, RunSpec spec, RunLimits limits)
    {
        _graph = spec.IsDryRun ? DryRun.Of(graph) : graph;
        _spec = spec;
        _limits = spec.IsDryRun ? DryRun.Of(limits) : limits;
        foreach (var start in spec.Starts)
        {
            var execution = Create(start.NodeId, spec.CreatedAt);
            Enqueue(execution, start.Input, spec.CreatedAt);
            execution.ArrivedBytes = start.Input.Values.Sum(value => (long)JsonValues.CompactSize(value));
            OpenBytes += execution.ArrivedBytes;
        }
    }

    /// <summary>The graph as the run sees it: that of the spec, whose blocks are changed in a dry run (ADR 0037).</summary>
    public GraphIndex Graph => _graph;

    /// <summary>The status of the run; QUEUED until it is admitted.</summary>
    public ExecutionStatus Status { get; private set; } = ExecutionStatus.Queued;

    /// <summary>Why the run failed, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>When it was admitted, or null.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The statistics so far.</summary>
    public RunStats Stats { get; private set; } = new();

    /// <summary>The losses in it; none before it has ended.</summary>
    public RunWarnings Warnings { get; private set; } = RunWarnings.None;

    /// <summary>True once the run must end early: no further node starts.</summary>
    public bool IsStopping => _stop is not null;

    /// <summary>True once a node has waited for a review.</summary>
    public bool HasBeenReviewed { get; private set; }

    /// <summary>The node executions that are dispatched and have not ended.</summary>
    public IReadOnlyCollection<NodeExecution> InFlight => _running.Values;

    /// <summary>Bytes of the values that the run holds in memory (<see cref="RunLimits.MaxOpenBytes"/>).</summary>
    internal long OpenBytes { get; private set; }

    /// <summary>When the run exceeds <see cref="RunLimits.MaxDuration"/>; null before it began.</summary>
    public DateTimeOffset? Deadline => _goesOnSince + _limits.MaxDuration - _ranBefore;

    /// <summary>The node execution with this id if it is dispatched and has not ended, else null.</summary>
    /// <param name="id">A node execution id.</param>
    public NodeExecution? FindRunning(Guid id) => _running.GetValueOrDefault(id);

    /// <summary>
    /// Whether a dispatched node may start before its dispatch is durable: it is a first attempt at an effect-free block without a price. The caller must also
    /// ensure that it owes no fee. Nobody outside can then notice a start whose dispatch is lost (ADR 0014).
    /// </summary>
    /// <param name="dispatched">An event of the last <see cref="Decide"/>.</param>
    public bool MayRunAhead(RunEvent.NodeDispatched dispatched) =>
        dispatched is { Attempt: 1, Price: 0 } && FindRunning(dispatched.NodeExecutionId) is { } execution
        && _graph.FindBlock(execution.NodeId) is { EffectFree: true };

    /// <summary>Returns the node executions that changed since the last call, in the order in which they were created.</summary>
    public IReadOnlyList<NodeExecution> DrainChanges()
    {
        if (_changed.Count == 0) return [];
        var changes = _changed.Values.OrderBy(execution => execution.Ordinal).ToList();
        _changed.Clear();
        foreach (var execution in changes)
        {
            execution.InputIsNew = execution.InputChanged;
            execution.InputChanged = false;
        }

        return changes;
    }

    /// <summary>Changes the state by an event.</summary>
    /// <param name="runEvent">An event that is, or will be, in the log.</param>
    /// <exception cref="InvalidOperationException">The event is not possible in this state, so the log does not belong to this run.</exception>
    public void Apply(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunEvent.Started started:
                Become(ExecutionStatus.Running);
                StartedAt ??= started.At;
                _goesOnSince = started.At;
                break;
            case RunEvent.NodeDispatched dispatched:
                Apply(dispatched);
                break;
            case RunEvent.NodeBegan began:
                Apply(began);
                break;
            case RunEvent.NodeInterrupted interrupted:
                Running(interrupted.NodeExecutionId).Interrupted = true;
                break;
            case RunEvent.NodeSkipped skipped:
                var passed = DequeueReady(skipped.NodeExecutionId);
                passed.Status = ExecutionStatus.Completed;
                passed.EndedAt = skipped.At;
                OpenBytes -= passed.ArrivedBytes;
                break;
            case RunEvent.NodeOutput output:
                Apply(output);
                break;
            case RunEvent.NodeEnded ended:
                Apply(ended);
                break;
            case RunEvent.Reviewed reviewed:
                Apply(reviewed);
                break;
            case RunEvent.StopRequested stop:
                Stop(stop.Outcome, stop.Reason, stop.FailureReason);
                break;
            case RunEvent.Ended ended:
                Apply(ended);
                break;
            default:
                throw new InvalidOperationException($"A run cannot take a {runEvent.GetType().Name}.");
        }
    }

    /// <summary>
    /// Decides the next events: dispatches in their order, and the end when nothing is left to do. The events are applied already; the caller appends them to the
    /// log.
    /// </summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="owner">The session that decides.</param>
    /// <param name="hold">True to dispatch nothing, because the silo of the session is about to leave. A run with nodes that are ready does not end meanwhile.</param>
    public IReadOnlyList<RunEvent> Decide(DateTimeOffset now, RunOwner owner, bool hold = false)
    {
        var events = new List<RunEvent>();
        if (Status != ExecutionStatus.Running)
        {
            if (!Status.IsFinal() && _stop is { } early) Add(events, new RunEvent.Ended(now, early.Outcome, early.Reason));
            return events;
        }

        if (_stop is null && Deadline <= now)
            Add(events, new RunEvent.StopRequested(now, ExecutionStatus.Failed, $"The run has gone on for {Hours(_limits.MaxDuration)}, which is the limit."));

        if (_stop is null && Exceeded() is { } reason) Add(events, new RunEvent.StopRequested(now, ExecutionStatus.Failed, reason));

        while (!hold && _stop is null && _ready.Count > 0 && _running.Count < _limits.MaxInFlight) Dispatch(events, now, owner);

        if (_running.Count > 0 || (_stop is null && _ready.Count > 0)) return events;
        if (_stop is { } stopped) Add(events, new RunEvent.Ended(now, stopped.Outcome, stopped.Reason, Losses(stopped.Outcome)));
        else if (_reviewed.Count > 0) Add(events, new RunEvent.Ended(now, ExecutionStatus.Review, null));
        else Add(events, new RunEvent.Ended(now, ExecutionStatus.Completed, null, Losses(ExecutionStatus.Completed)));
        return events;
    }

    /// <summary>
    /// Applies a report of a node: ignores outputs that are recorded already, refuses a stale report, and answers which output is missing. The events in the
    /// outcome are applied already.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="now">The time, UTC.</param>
    public ReportOutcome Report(NodeReport report, DateTimeOffset now)
    {
        if (!_running.TryGetValue(report.NodeExecutionId, out var execution) || execution.Attempt != report.Attempt || execution.Epoch != report.Epoch)
            return ReportOutcome.Stale;
        // Another start of the same attempt has begun. What this one reports would mix with it.
        if (execution.Start is { } begun && report.Start != begun) return ReportOutcome.Stale;

        // Outputs that repeat those of an earlier attempt are accepted without an event, so after a rebuild from the log the attempt may be further than the state.
        if (execution.Repeating && report.FirstOrdinal <= execution.Inherited)
            execution.NextOrdinal = Math.Max(execution.NextOrdinal, report.FirstOrdinal);

        var events = new List<RunEvent>();
        if (report.Begins && report.Start is { } start && execution.Start is null) Add(events, new RunEvent.NodeBegan(now, execution.Id, execution.Attempt, start));
        for (var i = 0; i < report.Outputs.Count; i++)
        {
            var ordinal = report.FirstOrdinal + i;
            if (ordinal < execution.NextOrdinal) continue;
            if (ordinal > execution.NextOrdinal) break;
            var (pin, value) = report.Outputs[i];
            if (Repeats(execution, ordinal, pin, value)) execution.NextOrdinal = ordinal + 1;
            else Add(events, new RunEvent.NodeOutput(now, execution.Id, execution.Attempt, ordinal, pin, value));
        }

        var complete = execution.NextOrdinal >= report.FirstOrdinal + report.Outputs.Count;
        if (complete && report.End is { } end)
            Add(events, new RunEvent.NodeEnded(now, execution.Id, execution.Attempt, end.Status, end.Error, end.Charged, end.OutOfCredits, end.Stats, end.Warnings, end.OverBudget));
        if (report.Interrupted && !execution.Interrupted) Add(events, new RunEvent.NodeInterrupted(now, execution.Id, execution.Attempt));
        return new ReportOutcome(Accepted: true, execution.NextOrdinal, events);
    }

    private static bool Repeats(NodeExecution execution, int ordinal, string pin, System.Text.Json.JsonElement value)
    {
        if (!execution.Repeating || ordinal >= execution.Inherited) return false;
        return execution.Emitted[ordinal] == OutputDigest.Of(pin, value);
    }

    /// <summary>The reason, for users, why the run must end when it exceeds a limit; null when it exceeds none.</summary>
    private string? Exceeded()
    {
        if (_created > _limits.MaxCreatedExecutions)
            return $"The run has created more than {_limits.MaxCreatedExecutions} node executions, those that wait for inputs included, which is the limit (MAX_CREATED_NODE_EXECUTIONS_PER_RUN).";
        if (OpenBytes > _limits.MaxOpenBytes)
            return $"The run holds more than {_limits.MaxOpenBytes} bytes of values in memory that no node has used up yet, which is the limit (MAX_OPEN_MEGABYTES_PER_RUN).";
        return _tooManyOutputs
            ? $"The attempts of a node have emitted more than {_limits.MaxOutputsPerExecution} outputs together, which is the limit (MAX_OUTPUTS_PER_NODE_EXECUTION)."
            : null;
    }

    private void Add(List<RunEvent> events, RunEvent runEvent)
    {
        Apply(runEvent);
        events.Add(runEvent);
    }

    private void Dispatch(List<RunEvent> events, DateTimeOffset now, RunOwner owner)
    {
        var execution = _ready.Peek();
        if (_spec.NodesToSkip.Contains(execution.NodeId))
        {
            Add(events, new RunEvent.NodeSkipped(now, execution.Id));
            return;
        }

        if (_dispatched >= _limits.MaxNodeExecutions)
        {
            Add(events, new RunEvent.StopRequested(now, ExecutionStatus.Failed, $"The run has executed {_limits.MaxNodeExecutions} nodes, which is the limit."));
            return;
        }

        var price = _graph.FindBlock(execution.NodeId) is { } block ? Prices.Of(block, execution.Input) : 0;
        Add(events, new RunEvent.NodeDispatched(now, execution.Id, execution.Attempt + 1, owner.Host, price, owner.Epoch, ReportsBegin: !IsComputed(execution, price)));
    }

    private void Apply(RunEvent.NodeDispatched dispatched)
    {
        if (_running.TryGetValue(dispatched.NodeExecutionId, out var execution))
        {
            Touch(execution);
            execution.LostAttempts = Lost(execution);
        }
        else
        {
            execution = DequeueReady(dispatched.NodeExecutionId);
            _running.Add(execution.Id, execution);
            Lane(execution.NodeId).Enqueue(execution);
            _dispatched++;
            execution.Status = ExecutionStatus.Running;
            execution.StartedAt ??= dispatched.At;
            execution.Price = dispatched.Price;
        }

        execution.Interrupted = false;
        execution.HasBegun = !dispatched.ReportsBegin;
        execution.Start = null;
        execution.NotBefore = dispatched.NotBefore;
        execution.Attempt = dispatched.Attempt;
        execution.Host = dispatched.Host;
        execution.Epoch = dispatched.Epoch;
        execution.NextOrdinal = 0;
        execution.Inherited = execution.Emitted.Count;
        execution.Repeating = execution.Inherited > 0;
    }

    private void Apply(RunEvent.NodeBegan began)
    {
        var execution = Running(began.NodeExecutionId);
        execution.HasBegun = true;
        execution.Start = began.Start;
        if (string.Equals(execution.Host, began.Start.Host, StringComparison.Ordinal)) return;
        // The host is in the row of the node execution.
        Touch(execution);
        execution.Host = began.Start.Host;
    }

    private void Apply(RunEvent.NodeOutput output)
    {
        var execution = Running(output.NodeExecutionId);
        execution.NextOrdinal = output.Ordinal + 1;
        if (output.Ordinal < execution.Inherited) execution.Repeating = false;
        Emit(execution, output.Pin, output.Value, output.At);
        // Checked here and not in Emit, so that the error output of a failed node is not counted.
        if (execution.Emitted.Count > _limits.MaxOutputsPerExecution) _tooManyOutputs = true;
    }

    private void Apply(RunEvent.NodeEnded ended)
    {
        var execution = Running(ended.NodeExecutionId);
        _running.Remove(execution.Id);
        Touch(execution);
        Count(execution, ended);
        execution.Status = ended.Status;
        execution.Error = ended.Error;
        execution.Charged = ended.Charged;
        execution.Stats = ended.Stats;
        if (ended.Status is ExecutionStatus.Completed or ExecutionStatus.Failed) execution.EndedAt = ended.At;
        if (ended.Status == ExecutionStatus.Review)
        {
            HasBeenReviewed = true;
            _reviewed.Add(execution);
        }

        Note(execution, ended);
        if (ended.Status == ExecutionStatus.Failed) Emit(execution, "error", JsonValues.From(ended.Error ?? ""), ended.At);
        if (ended.OutOfCredits) Stop(ExecutionStatus.Failed, ended.Error, RunFailures.InsufficientBalance);
        if (ended.OverBudget) Stop(ExecutionStatus.Failed, ended.Error, RunFailures.BudgetExceeded);
        Advance(Lane(execution.NodeId), ended.At);
    }

    private void Apply(RunEvent.Reviewed reviewed)
    {
        Become(ExecutionStatus.Queued);
        foreach (var execution in _reviewed)
        {
            Touch(execution);
            execution.Status = ExecutionStatus.Queued;
            execution.QueuedAt = reviewed.At;
            execution.WasReviewed = true;
            OpenBytes += execution.ArrivedBytes;
            _ready.Enqueue(execution);
        }

        _reviewed.Clear();
    }

    private void Apply(RunEvent.Ended ended)
    {
        if (Status == ExecutionStatus.Running && _goesOnSince is { } since) _ranBefore += ended.At - since;
        Become(ended.Status);
        Error = ended.Error;
        Warnings = ended.Warnings ?? RunWarnings.None;
        Stats = Stats with { Duration = _ranBefore.TotalSeconds };
        if (!ended.Status.IsFinal()) return;
        EndedAt = ended.At;
        foreach (var execution in _reviewed) EndUnstarted(execution, ended);
        _reviewed.Clear();
        // Executions that did not start get the status of the run (semantics 2.11, clean-up).
        while (_ready.TryDequeue(out var execution))
        {
            EndUnstarted(execution, ended);
        }
    }

    private void EndUnstarted(NodeExecution execution, RunEvent.Ended ended)
    {
        Touch(execution);
        execution.Status = ended.Status;
        execution.Error = ended.Error;
        if (ended.Status != ExecutionStatus.Terminated) execution.EndedAt = ended.At;
    }

    /// <summary>Ends the run early. Only the first reason counts.</summary>
    private void Stop(ExecutionStatus outcome, string? reason, string? failureReason)
    {
        if (_stop is not null) return;
        _stop = (outcome, reason);
        if (failureReason is not null) Stats = Stats with { FailureReason = failureReason };
    }

    private void Become(ExecutionStatus status)
    {
        if (!Status.MayBecome(status)) throw new InvalidOperationException($"A run that is {Status.Name()} cannot become {status.Name()}.");
        Status = status;
    }

    /// <summary>Adds what a node execution has used. One that ends after a review is charged and counted once in all.</summary>
    private void Count(NodeExecution execution, RunEvent.NodeEnded ended) => Stats = Stats with
    {
        Cost = Stats.Cost + ended.Charged - execution.Charged + ended.Stats.ExtraCost,
        DurationCpuOnly = Stats.DurationCpuOnly + ended.Stats.CpuTime,
        NodeExecTime = Stats.NodeExecTime + ended.Stats.WallTime,
        NodeExecTimeCpuOnly = Stats.NodeExecTimeCpuOnly + ended.Stats.CpuTime,
        NodeExecCount = Stats.NodeExecCount + (execution.WasReviewed ? 0 : 1) + ended.Stats.ExtraSteps,
        NodeErrorCount = Stats.NodeErrorCount + (ended.Status == ExecutionStatus.Failed ? 1 : 0),
    };

    private NodeExecution DequeueReady(Guid id)
    {
        if (!_ready.TryDequeue(out var execution) || execution.Id != id)
            throw new InvalidOperationException($"The log names node execution {id}, but {(execution is null ? "none" : execution.Id)} is next in this graph.");
        Touch(execution);
        return execution;
    }

    private static string Hours(TimeSpan time) => time == TimeSpan.FromHours(1) ? "1 hour" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} hours");

    private NodeExecution Running(Guid id) =>
        _running.TryGetValue(id, out var execution)
            ? execution
            : throw new InvalidOperationException($"The log names node execution {id}, which is not running.");

    private Queue<NodeExecution> Lane(string nodeId)
    {
        if (!_lanes.TryGetValue(nodeId, out var lane)) _lanes.Add(nodeId, lane = new Queue<NodeExecution>());
        return lane;
    }

    private NodeExecution Create(string nodeId, DateTimeOffset at)
    {
        var ordinal = _created++;
        var execution = new NodeExecution(NodeExecutionIds.Derive(_spec.RunId, ordinal), ordinal, nodeId, at);
        Touch(execution);
        return execution;
    }

    private void Enqueue(NodeExecution execution, PinValues input, DateTimeOffset at)
    {
        Touch(execution);
        execution.Input = input;
        execution.InputChanged = true;
        execution.Status = ExecutionStatus.Queued;
        execution.QueuedAt = at;
        _queuedNodes?.Add(execution.NodeId);
        // Stored only for nodes with static links, because the inputs of all other nodes would stay in memory until the run ends.
        if (_graph.Incoming(execution.NodeId).Any(link => link.IsStatic)) _lastInput[execution.NodeId] = input;
        _ready.Enqueue(execution);
    }

    private void Touch(NodeExecution execution) => _changed[execution.Id] = execution;
}
