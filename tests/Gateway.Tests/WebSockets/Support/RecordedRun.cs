using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Gateway.WebSockets;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Plays a run and shows what its events say, without a server. A second passes with each event of the log.</summary>
internal sealed class RecordedRun
{
    public static readonly Guid Id = new("7d1c3a5e-0000-4000-8000-000000000001");
    public static readonly Guid GraphId = new("7d1c3a5e-0000-4000-8000-000000000002");
    public static readonly DateTimeOffset Begin = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly GraphRun _run;
    private readonly EventWriter _writer;
    private DateTimeOffset _now = Begin;
    private long _sequence;

    public RecordedRun(LiveGraph graph, string inputs = "{}", int maxMessageBytes = 16 * 1024 * 1024, RunSchedule? schedule = null)
    {
        var index = new GraphIndex(graph.Build(), new LiveBlocks());
        var given = JsonValues.Parse(inputs);
        var spec = RunPlanner.Plan(index, new RunRequest
        {
            RunId = Id,
            UserId = "user",
            At = Begin,
            Inputs = given.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)).ToImmutableDictionary(StringComparer.Ordinal),
        });
        spec = spec with { Schedule = schedule };
        var options = new LiveOptions { MaxMessageBytes = maxMessageBytes };
        _writer = new EventWriter(Options.Create(options));
        _run = new GraphRun(index, spec, new RunLimits());
        Projection = new RunProjection(new ProjectedRun(index, spec, given, CredentialInputs: null, PresetId: "preset"), options.EventLimits);
        Show(Projection.Beginning);
    }

    public RunProjection Projection { get; }

    /// <summary>The log so far.</summary>
    public List<RunEvent> Log { get; } = [];

    /// <summary>The live events so far.</summary>
    public List<JsonElement> Events { get; } = [];

    /// <summary>The live events in short: the run or the node, its status, and the outputs shown.</summary>
    public IEnumerable<string> Story => Events.Select(Short);

    public RecordedRun Start()
    {
        Apply(new RunEvent.Started(Tick()));
        Decide();
        return this;
    }

    /// <summary>What a node emits next, and how it ends; null while it goes on.</summary>
    public RecordedRun Report(string nodeId, IReadOnlyList<(string Pin, string Json)> outputs, ExecutionStatus? end = ExecutionStatus.Completed, string? error = null)
    {
        var execution = _run.InFlight.First(candidate => candidate.NodeId == nodeId);
        var outcome = _run.Report(
            new NodeReport(
                execution.Id, execution.Attempt, Emitted(execution.Id), [.. outputs.Select(output => (output.Pin, JsonValues.Parse(output.Json)))],
                end is { } status ? new NodeEnd(status, error, Charged: 2, OutOfCredits: false, new NodeStats { WallTime = 0.5 }) : null),
            Tick());
        Assert.True(outcome.Accepted);
        foreach (var runEvent in outcome.Events) Project(runEvent);
        Decide();
        return this;
    }

    public RecordedRun Stop()
    {
        Apply(new RunEvent.StopRequested(Tick(), ExecutionStatus.Terminated, null));
        Decide();
        return this;
    }

    /// <summary>The process of a node stops in order and will not finish it.</summary>
    public RecordedRun Interrupt(string nodeId)
    {
        var execution = _run.InFlight.First(candidate => candidate.NodeId == nodeId);
        foreach (var runEvent in _run.Report(new NodeReport(execution.Id, execution.Attempt, 0, [], null) { Interrupted = true }, Tick()).Events) Project(runEvent);
        return this;
    }

    public RecordedRun TakeOver()
    {
        foreach (var runEvent in _run.TakeOver(Tick(), new RunOwner("host-2", 0), new LostAttempts(_run.InFlight.Select(execution => execution.CurrentAttempt).ToHashSet()), _ => 0)) Project(runEvent);
        Decide();
        return this;
    }

    private static string Short(JsonElement liveEvent)
    {
        var status = liveEvent.GetProperty("status").GetString();
        if (!liveEvent.TryGetProperty("node_id", out var node)) return $"run {status}";
        var pins = liveEvent.GetProperty("output_data").EnumerateObject().Select(pin => $"{pin.Name}={pin.Value.GetRawText()}");
        return string.Join(' ', [$"{node.GetString()} {status}", .. pins]);
    }

    private int Emitted(Guid id) => Log.OfType<RunEvent.NodeOutput>().Count(runEvent => runEvent.NodeExecutionId == id);

    private DateTimeOffset Tick() => _now += TimeSpan.FromSeconds(1);

    private void Apply(RunEvent runEvent)
    {
        _run.Apply(runEvent);
        Project(runEvent);
    }

    private void Decide()
    {
        foreach (var runEvent in _run.Decide(Tick(), new RunOwner("host-1", 0))) Project(runEvent);
    }

    private void Project(RunEvent runEvent)
    {
        Log.Add(runEvent);
        Show(Projection.Apply(++_sequence, runEvent));
    }

    private void Show(IEnumerable<ProjectedEvent> events) => Events.AddRange(events.Select(liveEvent => JsonElement.Parse(_writer.Write(Projection, liveEvent).Span)));
}
