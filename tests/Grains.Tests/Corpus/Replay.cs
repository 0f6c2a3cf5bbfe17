using System.Globalization;
using System.Text;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Corpus;

/// <summary>A stored run, replayed from its rows by the Engine that runs.</summary>
internal sealed class Replay
{
    private readonly GraphIndex _graph;
    private readonly RunSpec _spec;
    private readonly IReadOnlyList<LoggedEvent> _log;
    private readonly SortedDictionary<int, string> _nodes = [];

    public Replay(Graph graph, IBlockCatalogue catalogue, RunRow row, IReadOnlyList<LoggedEvent> log)
    {
        (_graph, _spec, _log) = (new GraphIndex(graph, catalogue), RunSpecCodec.Read(row.Spec.Span), log);
        var run = new ProjectedRun(
            _graph, _spec, JsonValues.ParseUtf8(row.Inputs.Span), row.CredentialInputs is { } credentials ? JsonValues.ParseUtf8(credentials.Span) : null, row.PresetId);
        var projection = new RunProjection(run, EventLimits.Default);
        Show(projection, projection.Beginning);
        foreach (var logged in log) Show(projection, projection.Apply(logged.Sequence, logged.ToRunEvent()));
        Run = Continue(new GraphRun(_graph, _spec, new RunLimits()), afterSequence: 0);
    }

    /// <summary>The state after the last event.</summary>
    public GraphRun Run { get; }

    /// <summary>The live events: number, number of the logged event, what it shows, its outputs.</summary>
    public List<string> Events { get; } = [];

    /// <summary>The node executions in the order of their creation, each with its latest status and attempt.</summary>
    public IReadOnlyList<string> Nodes => [.. _nodes.Values];

    public string Stats => Encoding.UTF8.GetString(RunStatsJson.ToUtf8(Run.Stats, Run.Warnings));

    /// <summary>The state in the middle of the log, as a snapshot holds it.</summary>
    public (long Sequence, string Body) SnapshotInTheMiddle()
    {
        var run = new GraphRun(_graph, _spec, new RunLimits());
        var middle = _log[_log.Count / 2].Sequence;
        foreach (var logged in _log.TakeWhile(logged => logged.Sequence <= middle)) run.Apply(logged.ToRunEvent());
        return (middle, Encoding.UTF8.GetString(run.Snapshot()));
    }

    /// <summary>The state after the last event, rebuilt from a snapshot.</summary>
    public GraphRun FromSnapshot(long sequence, string body) => Continue(GraphRun.Restore(_graph, _spec, new RunLimits(), Encoding.UTF8.GetBytes(body)), sequence);

    private GraphRun Continue(GraphRun run, long afterSequence)
    {
        foreach (var logged in _log.Where(logged => logged.Sequence > afterSequence)) run.Apply(logged.ToRunEvent());
        foreach (var execution in run.DrainChanges())
            _nodes[execution.Ordinal] = string.Create(CultureInfo.InvariantCulture, $"{execution.NodeId} {execution.Status.Name()} {execution.Attempt}");
        return run;
    }

    private void Show(RunProjection projection, IEnumerable<ProjectedEvent> events)
    {
        foreach (var item in events)
        {
            var what = item.Node is { } node ? $"{node.NodeId}#{node.Ordinal} {node.Status.Name()}" : $"run {projection.Run.Status.Name()}";
            var outputs = item.Outputs.Values.Select(output => $"{output.Key}={Encoding.UTF8.GetString(output.Value.Span)}");
            Events.Add(string.Join(' ', [item.Sequence.ToString(CultureInfo.InvariantCulture), item.LogSequence.ToString(CultureInfo.InvariantCulture), what, .. outputs]));
        }
    }
}
