using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.WebConsole.Services;

namespace Grainflow.WebConsole.Runs;

/// <summary>One graph that the page of a run shows, with the state of its own run: the agent, or a sub-agent that was opened in it. The run can be followed before the graph is known.</summary>
/// <param name="runId">The run of that graph.</param>
public sealed class RunLevel(string runId) : IAsyncDisposable
{
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private JsonElement _graph;
    private LiveFeed? _feed;

    /// <summary>Its run.</summary>
    public string RunId { get; } = runId;

    /// <summary>The name of the agent; empty before the graph is known.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The id of its graph; empty before the graph is known.</summary>
    public string GraphId { get; private set; } = "";

    /// <summary>What is drawn; nothing before the graph is known.</summary>
    public GraphPlan Plan { get; private set; } = new([], []);

    /// <summary>The titles of its nodes by id.</summary>
    public IReadOnlyDictionary<string, string> Titles { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The state of its run.</summary>
    public RunState State { get; } = new();

    /// <summary>Takes the graph that is drawn.</summary>
    /// <param name="graph">The graph or sub-graph, by the names of the contract.</param>
    /// <param name="blockNames">The names of blocks by id.</param>
    public void Draw(JsonElement graph, IReadOnlyDictionary<string, string> blockNames)
    {
        (_graph, Name, GraphId, Plan) = (graph, graph.GetProperty("name").GetString()!, graph.GetProperty("id").GetString()!, GraphPlan.Of(graph, blockNames));
        Titles = Plan.Nodes.ToDictionary(node => node.Id, node => node.Title, StringComparer.Ordinal);
    }

    /// <summary>The graph that an Agent node runs; null for any other node.</summary>
    /// <param name="nodeId">The node.</param>
    public string? SubGraphOf(string nodeId)
    {
        var node = _graph.GetProperty("nodes").EnumerateArray().FirstOrDefault(node => node.GetProperty("id").GetString() == nodeId);
        return node.ValueKind == JsonValueKind.Object && node.GetProperty("input_default").Member("graph_id") is { ValueKind: JsonValueKind.String } id ? id.GetString() : null;
    }

    /// <summary>Begins to follow the run. All its earlier events come first, so that nothing between a reading and the following is missed.</summary>
    /// <param name="api">The interface of the user.</param>
    /// <param name="changed">Called after each event, in the order of events; it must return soon.</param>
    /// <param name="invoke">Brings what changes the state onto the thread of the page.</param>
    /// <param name="refused">Called when the server does not accept the user any more.</param>
    /// <param name="clock">Measures pauses.</param>
    public void Follow(ConsoleApi api, Action changed, Func<Action, Task> invoke, Action refused, TimeProvider clock) => _feed = new LiveFeed(
        api,
        RunId,
        data => invoke(() =>
        {
            if (State.Take(data) is { } nodeId) _changed.Add(nodeId);
            changed();
        }),
        refused,
        clock);

    /// <summary>The nodes that have changed since the last call.</summary>
    public IReadOnlyCollection<string> TakeChanged()
    {
        string[] taken = [.. _changed];
        _changed.Clear();
        return taken;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _feed?.DisposeAsync() ?? ValueTask.CompletedTask;
}
