using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>
/// Drives a <see cref="GraphRun"/> as its shell would, with a clock that goes on by a millisecond per step, and keeps its
/// log. Outputs are written <c>pin=json</c>.
/// </summary>
internal sealed class TestRun
{
    public const string Host = "host-1";
    public static readonly Guid Id = new("7d1c3a5e-0000-4000-8000-000000000001");
    public static readonly DateTimeOffset Begin = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<Guid, NodeExecution> _executions = [];
    private DateTimeOffset _now = Begin;

    public TestRun(GraphBuilder graph, string inputs = "{}", RunLimits? limits = null, Func<RunSpec, RunSpec>? change = null)
        : this(graph.Index(), Change(RunPlanner.Plan(graph.Index(), Request(inputs)), change), limits)
    {
    }

    public TestRun(GraphIndex graph, RunSpec spec, RunLimits? limits = null)
    {
        (Graph, Spec, Limits) = (graph, spec, limits ?? new RunLimits());
        Run = new GraphRun(graph, spec, Limits);
        Collect();
    }

    public GraphIndex Graph { get; }

    public RunSpec Spec { get; }

    public RunLimits Limits { get; }

    public GraphRun Run { get; private set; }

    public List<RunEvent> Log { get; } = [];

    /// <summary>What was done to the run, so that it can be done to another one.</summary>
    public List<Func<GraphRun, IReadOnlyList<RunEvent>>> Steps { get; } = [];

    public IEnumerable<NodeExecution> Executions => _executions.Values.OrderBy(execution => execution.Ordinal);

    public static RunRequest Request(string inputs = "{}") => new()
    {
        RunId = Id,
        UserId = "user",
        At = Begin,
        Inputs = System.Collections.Immutable.ImmutableDictionary.CreateRange(JsonValues.Parse(inputs).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))),
    };

    public TestRun Start()
    {
        Apply(at => new RunEvent.Started(at));
        Decide();
        return this;
    }

    public IReadOnlyList<RunEvent> Decide(string host = Host) => Do((run, at) => run.Decide(at, new RunOwner(host, 0)));

    public IReadOnlyList<RunEvent> Apply(Func<DateTimeOffset, RunEvent> make) => Do((run, at) =>
    {
        var runEvent = make(at);
        run.Apply(runEvent);
        return [runEvent];
    });

    public IReadOnlyList<RunEvent> Stop()
    {
        Apply(at => new RunEvent.StopRequested(at, ExecutionStatus.Terminated, null));
        return Decide();
    }

    public IReadOnlyList<RunEvent> TakeOver(string host, params string[] gone) => TakeOver(host, _ => 0, gone);

    public IReadOnlyList<RunEvent> TakeOver(string host, Func<Guid, long> charged, params string[] gone) =>
        Do((run, at) => run.TakeOver(at, new RunOwner(host, 0), Gone(gone), charged));

    public static LostAttempts Gone(params string[] hosts) => new(hosts.ToHashSet(StringComparer.Ordinal), new HashSet<AttemptId>());

    public static LostAttempts Missing(params NodeExecution[] executions) => new(executions.Select(execution => execution.CurrentAttempt).ToHashSet());

    public IReadOnlyList<RunEvent> TakeOver(string host, LostAttempts lost) => Do((run, at) => run.TakeOver(at, new RunOwner(host, 0), lost, _ => 0));

    /// <summary>Lets an attempt report that its block is about to start, on the host that it was dispatched to unless another is named.</summary>
    public ReportOutcome BeginBlock(NodeExecution execution, string? host = null, long start = 1) => Report(
        new NodeReport(execution.Id, execution.Attempt, 0, [], null) { Epoch = execution.Epoch, Begins = true, Start = new AttemptStart(host ?? execution.Host!, start) });

    public ReportOutcome Report(NodeReport report)
    {
        ReportOutcome? outcome = null;
        Do((run, at) =>
        {
            outcome = run.Report(report, at);
            return outcome.Events;
        });
        return outcome!;
    }

    /// <summary>The n-th execution of a node that is under way.</summary>
    public NodeExecution InFlight(string node, int nth = 0) => Run.InFlight.Where(execution => execution.NodeId == node).OrderBy(execution => execution.Ordinal).ElementAt(nth);

    public void Emit(string node, params string[] outputs) => Emit(InFlight(node), outputs);

    public void Emit(NodeExecution execution, params string[] outputs)
    {
        Report(new NodeReport(execution.Id, execution.Attempt, execution.NextOrdinal, Outputs(outputs), null) { Start = execution.Start });
        Decide();
    }

    public void Complete(string node, params string[] outputs) => Complete(InFlight(node), outputs);

    public void Complete(NodeExecution execution, params string[] outputs) => End(execution, Ended(ExecutionStatus.Completed), outputs);

    public void Fail(string node, string error, params string[] outputs) => End(InFlight(node), Ended(ExecutionStatus.Failed, error), outputs);

    public void End(NodeExecution execution, NodeEnd end, params string[] outputs)
    {
        Report(new NodeReport(execution.Id, execution.Attempt, execution.NextOrdinal, Outputs(outputs), end) { Start = execution.Start });
        Decide();
    }

    public static NodeEnd Ended(ExecutionStatus status, string? error = null) => new(status, error, 0, OutOfCredits: false, NodeStats.None);

    public static List<(string Pin, JsonElement Value)> Outputs(params string[] outputs) =>
        [.. outputs.Select(output => output.Split('=', 2)).Select(parts => (parts[0], JsonValues.Parse(parts[1])))];

    /// <summary>The inputs of a node's executions, in the order of their creation, by pin name.</summary>
    public IEnumerable<string> Inputs(string node) =>
        Of(node).Select(execution => JsonValues.Compact(JsonValues.Object(execution.Input.OrderBy(pin => pin.Key, StringComparer.Ordinal))));

    public IEnumerable<ExecutionStatus> Statuses(string node) => Of(node).Select(execution => execution.Status);

    public IEnumerable<NodeExecution> Of(string node) => Executions.Where(execution => execution.NodeId == node);

    /// <summary>The nodes dispatched so far, in order.</summary>
    public IEnumerable<string> Dispatched => Log.OfType<RunEvent.NodeDispatched>().Where(runEvent => runEvent.Attempt == 1).Select(runEvent => _executions[runEvent.NodeExecutionId].NodeId);

    /// <summary>The results as a reader of the log sees them.</summary>
    public OrderedDictionary<string, List<JsonElement>> Results()
    {
        var outputs = Log.OfType<RunEvent.NodeOutput>().ToLookup(runEvent => runEvent.NodeExecutionId, runEvent => KeyValuePair.Create(runEvent.Pin, runEvent.Value));
        return GraphResults.Outputs(Graph, Executions.Select(execution =>
            new FinishedNode(execution.NodeId, execution.Status, execution.QueuedAt, JsonValues.Object(execution.Input), [.. outputs[execution.Id]])));
    }

    /// <summary>Forgets the run and builds it again from its log, as after a crash.</summary>
    public void Rebuild(int? prefix = null)
    {
        if (prefix is { } length) Log.RemoveRange(length, Log.Count - length);
        _executions.Clear();
        Run = new GraphRun(Graph, Spec, Limits);
        Collect();
        foreach (var runEvent in Log)
        {
            Run.Apply(StoredForm.Again(runEvent));
            Collect();
        }
    }

    /// <summary>Forgets the run and restores it from a snapshot.</summary>
    public void Restore() => Run = GraphRun.Restore(Graph, Spec, Limits, Run.Snapshot());

    private IReadOnlyList<RunEvent> Do(Func<GraphRun, DateTimeOffset, IReadOnlyList<RunEvent>> step)
    {
        var at = _now = _now.AddMilliseconds(1);
        Steps.Add(run => step(run, at));
        var events = step(Run, at);
        Log.AddRange(events);
        Collect();
        return events;
    }

    private void Collect()
    {
        foreach (var execution in Run.DrainChanges()) _executions[execution.Id] = execution;
    }

    private static RunSpec Change(RunSpec spec, Func<RunSpec, RunSpec>? change) => change is null ? spec : change(spec);
}
