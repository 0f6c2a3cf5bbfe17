using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Billing;

/// <summary>
/// Estimates what a run will cost. A value is known before the run when it is a constant of a node, a default, a mask or an input of the agent; what a block emits is
/// not. Where a price depends on what is not known, the highest that is possible counts.
/// </summary>
public sealed class CostEstimator
{
    /// <summary>How many nodes are looked at, those of sub-agents once for each node that runs them.</summary>
    private const int MaxNodes = 10_000;

    private readonly IReadOnlyDictionary<string, PinValues> _masks;
    private readonly Dictionary<(string Id, int Version), GraphIndex> _graphs;
    private readonly List<NodeCostEstimate> _nodes = [];
    private readonly int _mostExecutions;
    private int _seen;

    private CostEstimator(IEnumerable<GraphIndex> graphs, IReadOnlyDictionary<string, PinValues> masks, int mostExecutions)
    {
        _masks = masks;
        _mostExecutions = mostExecutions;
        _graphs = graphs.DistinctBy(graph => (graph.Graph.Id, graph.Graph.Version)).ToDictionary(graph => (graph.Graph.Id, graph.Graph.Version));
    }

    /// <summary>Estimates a run.</summary>
    /// <param name="root">The graph.</param>
    /// <param name="below">The graphs of its sub-agents.</param>
    /// <param name="inputs">Values by input name.</param>
    /// <param name="masks">Values that replace those of pins, including credentials, by node id.</param>
    /// <param name="mostExecutions">How many node executions one run may have, sub-agents not counted: <see cref="Execution.RunLimits.MaxNodeExecutions"/>.</param>
    public static CostEstimate Estimate(
        GraphIndex root, IEnumerable<GraphIndex> below, IReadOnlyDictionary<string, JsonElement> inputs, IReadOnlyDictionary<string, PinValues> masks, int mostExecutions)
    {
        var estimator = new CostEstimator([root, .. below], masks, mostExecutions);
        var values = inputs.ToDictionary(input => input.Key, input => (JsonElement?)input.Value, StringComparer.Ordinal);
        estimator.Add(new Level(root, values, AgentNodeId: null, Repeated: null, Runs: 1, [(root.Graph.Id, root.Graph.Version)]));
        return new CostEstimate(estimator._nodes);
    }

    /// <summary>One graph in the tree of sub-agents.</summary>
    /// <param name="Graph">The graph.</param>
    /// <param name="Inputs">Its inputs by name; null for one that is given and not known.</param>
    /// <param name="AgentNodeId">The node that runs it; null for the root.</param>
    /// <param name="Repeated">Why it may run more than once; null when it runs once.</param>
    /// <param name="Runs">How often it runs at most.</param>
    /// <param name="Path">The graphs from the root to this one.</param>
    private sealed record Level(GraphIndex Graph, Dictionary<string, JsonElement?> Inputs, string? AgentNodeId, string? Repeated, long Runs, IReadOnlyList<(string Id, int Version)> Path);

    /// <summary>Adds the nodes of a graph and of its sub-agents.</summary>
    /// <returns>True when one of the graph's outputs may get more than one value.</returns>
    private bool Add(Level level)
    {
        var nodes = level.Graph.Graph.Nodes.Where(node => level.Graph.FindBlock(node.Id)?.Kind != BlockKind.Note).ToList();
        var estimates = new Dictionary<string, List<NodeCostEstimate>>(StringComparer.Ordinal);
        var repeats = new Dictionary<string, string?>(StringComparer.Ordinal);
        var emitsSeveral = false;
        // A source comes before its sinks, so that what repeats is known before it is passed on.
        foreach (var (node, isLooped) in InOrder(level.Graph, nodes))
        {
            var repetition = isLooped ? "It is in a loop, or follows one." : Repetition(level.Graph, node, repeats);
            var (own, several) = Estimate(level, node, repetition);
            estimates[node.Id] = own;
            repeats[node.Id] = several ?? repetition;
            if ((repetition ?? level.Repeated) is not null && level.Graph.FindBlock(node.Id)?.Kind == BlockKind.Output) emitsSeveral = true;
        }

        var outputs = nodes.Where(node => level.Graph.FindBlock(node.Id)?.Kind == BlockKind.Output && node.PinName is not null);
        if (outputs.GroupBy(node => node.PinName, StringComparer.Ordinal).Any(name => name.Skip(1).Any())) emitsSeveral = true;
        foreach (var node in nodes) _nodes.AddRange(estimates[node.Id]);
        return emitsSeveral;
    }

    /// <summary>The nodes, each after those whose outputs it gets, then those of loops and behind them.</summary>
    private static IEnumerable<(GraphNode Node, bool IsLooped)> InOrder(GraphIndex graph, List<GraphNode> nodes)
    {
        var ready = new Queue<GraphNode>();
        var missing = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            missing[node.Id] = graph.Incoming(node.Id).Length;
            if (missing[node.Id] == 0) ready.Enqueue(node);
        }

        while (ready.TryDequeue(out var node))
        {
            missing.Remove(node.Id);
            yield return (node, false);
            foreach (var link in graph.Outgoing(node.Id))
                if (missing.ContainsKey(link.SinkId) && --missing[link.SinkId] == 0) ready.Enqueue(graph.Node(link.SinkId));
        }

        foreach (var node in nodes.Where(node => missing.ContainsKey(node.Id))) yield return (node, true);
    }

    /// <summary>Why a node that is in no loop may run more than once; null when it runs once at most.</summary>
    private static string? Repetition(GraphIndex graph, GraphNode node, Dictionary<string, string?> repeats)
    {
        var links = graph.Incoming(node.Id);
        foreach (var link in links)
            if (repeats.GetValueOrDefault(link.SourceId) is { } reason) return reason;
        return links.GroupBy(link => link.SinkName, StringComparer.Ordinal).FirstOrDefault(pin => pin.Skip(1).Any()) is { } several
            ? $"Several links lead to '{several.Key}' of node {node.Id}."
            : null;
    }

    /// <summary>The estimates of a node and of its sub-agent, and why the nodes behind it may run more than once although it runs once itself.</summary>
    private (List<NodeCostEstimate> Estimates, string? Several) Estimate(Level level, GraphNode node, string? repetition)
    {
        _seen++;
        var block = level.Graph.FindBlock(node.Id);
        var estimate = new NodeCostEstimate
        {
            GraphId = level.Graph.Graph.Id,
            NodeId = node.Id,
            AgentNodeId = level.AgentNodeId,
            BlockId = node.BlockId,
            BlockName = block?.Name ?? "",
            Cost = 0,
            Executions = Times(level.Runs, repetition),
            Reason = repetition ?? level.Repeated,
        };
        if (block is null) return ([estimate with { IsKnown = false, Reason = "The block is not known here; the agent cannot run." }], null);

        var values = ValuesOf(level, node, block);
        estimate = Priced(estimate, block, values);
        if (block.Kind != BlockKind.Agent) return ([estimate], block.EmitsSeveral ? $"It follows node {node.Id} ({block.Name}), which may emit several values." : null);
        return Below(level, node, estimate, values, repetition);
    }

    private (List<NodeCostEstimate> Estimates, string? Several) Below(Level level, GraphNode node, NodeCostEstimate estimate, Values values, string? repetition)
    {
        const string unknownGraph = "The agent that it runs is not there, or belongs to another user.";
        if (Reference(node) is not { } key || !_graphs.TryGetValue(key, out var graph)) return ([estimate with { IsKnown = false, Reason = unknownGraph }], null);
        if (level.Path.Contains(key))
        {
            const string recursive = "The agent runs itself.";
            return ([estimate with { IsKnown = false, Executions = Times(level.Runs, recursive), Reason = recursive }], recursive);
        }

        if (level.Path.Count > GraphLimits.Depth || _seen > MaxNodes)
        {
            const string unseen = "Its sub-agents are not looked at: there are too many.";
            return ([estimate with { IsKnown = false, Executions = Times(level.Runs, unseen), Reason = unseen }], null);
        }

        var inputs = values.Known.ToDictionary(value => value.Key, value => (JsonElement?)value.Value, StringComparer.Ordinal);
        foreach (var unknown in values.Unknown.Keys) inputs[unknown] = null;
        // The nodes of the sub-agent are taken off the list again, to stand behind this one.
        var from = _nodes.Count;
        var several = Add(new Level(graph, inputs, node.Id, repetition ?? level.Repeated, estimate.Executions, [.. level.Path, key]));
        var below = _nodes[from..];
        _nodes.RemoveRange(from, below.Count);
        return ([estimate, .. below], several ? $"It follows node {node.Id}, whose agent may emit several values." : null);
    }

    /// <summary>How often a node runs at most whose graph runs so often.</summary>
    private long Times(long runs, string? repetition) => repetition is null ? runs : (long)Int128.Min((Int128)runs * _mostExecutions, long.MaxValue);

    /// <summary>The price of a node: of the rules that may match, the highest.</summary>
    private static NodeCostEstimate Priced(NodeCostEstimate estimate, BlockDefinition block, Values values)
    {
        CostRule? highest = null;
        var reasons = new List<string>();
        foreach (var rule in block.Costs)
        {
            var unknown = Unknown(rule, values, out var mayMatch);
            if (!mayMatch) continue;
            if (highest is null || rule.Reservation > highest.Reservation) highest = rule;
            reasons.AddRange(unknown);
            if (unknown.Count == 0) break;
        }

        if (highest is null) return estimate;
        if (highest.IsMetered) reasons.Add("It is the most that may be charged; what the block does not use is given back.");
        var isKnown = reasons.Count == 0;
        return estimate with
        {
            Cost = highest.Reservation,
            Type = highest.Type,
            IsKnown = isKnown,
            Reason = isKnown ? estimate.Reason : string.Join(' ', reasons.Distinct(StringComparer.Ordinal).Concat(estimate.Reason is { } repetition ? [repetition] : [])),
        };
    }

    /// <summary>Why it is not known whether a rule matches; empty when it is.</summary>
    private static List<string> Unknown(CostRule rule, Values values, out bool mayMatch)
    {
        var reasons = new List<string>();
        foreach (var wanted in rule.Filter.EnumerateObject())
        {
            if (values.Unknown.TryGetValue(wanted.Name, out var reason)) reasons.Add(reason);
            else if (!Prices.Matches(wanted.Value, values.Known.TryGetValue(wanted.Name, out var given) ? given : (JsonElement?)null))
            {
                mayMatch = false;
                return [];
            }
        }

        mayMatch = true;
        return reasons;
    }

    /// <summary>What a node gets, as far as it is known before the run.</summary>
    private Values ValuesOf(Level level, GraphNode node, BlockDefinition block)
    {
        var constants = block.Kind == BlockKind.Agent ? node.InputDefault.Member("inputs") ?? JsonValues.EmptyObject : node.InputDefault;
        var known = new PinValues(StringComparer.Ordinal);
        var unknown = new Dictionary<string, string>(StringComparer.Ordinal);
        if (constants.ValueKind == JsonValueKind.Object)
            foreach (var member in constants.EnumerateObject()) known[member.Name] = member.Value;

        foreach (var pin in level.Graph.Incoming(node.Id).GroupBy(link => DynamicPins.BaseName(link.SinkName), StringComparer.Ordinal))
        {
            var link = pin.First();
            if (!pin.Skip(1).Any() && link.SinkName == pin.Key && InputOf(level, link) is { } value)
            {
                known[pin.Key] = value;
                continue;
            }

            known.Remove(pin.Key);
            unknown[pin.Key] = $"The price depends on '{pin.Key}', which node {link.SourceId} ({level.Graph.FindBlock(link.SourceId)?.Name ?? "unknown"}) emits.";
        }

        if (_masks.TryGetValue(node.Id, out var mask))
        {
            foreach (var (pin, value) in mask)
            {
                known[pin] = value;
                unknown.Remove(pin);
            }
        }

        // The pins of an Agent node are the inputs of its agent, which has defaults of its own.
        if (block.Kind != BlockKind.Agent) known = Prices.Effective(block, known);
        foreach (var name in unknown.Keys) known.Remove(name);
        foreach (var pin in block.Inputs.Where(pin => pin.Credentials is not null && !(known.TryGetValue(pin.Name, out var given) && Truth.IsTruthy(given))))
        {
            known.Remove(pin.Name);
            unknown[pin.Name] = $"No credentials are named for '{pin.Name}': it is the price with the platform's, and your own cost nothing.";
        }

        return new Values(known, unknown);
    }

    /// <summary>The value of a link that leaves an Input node, whose value is known before the run; else null.</summary>
    private JsonElement? InputOf(Level level, GraphLink link)
    {
        var node = level.Graph.Node(link.SourceId);
        if (level.Graph.FindBlock(node.Id) is not { Kind: BlockKind.Input } block || link.SourceName != "result") return null;
        if (_masks.TryGetValue(node.Id, out var mask) && mask.TryGetValue("value", out var masked)) return masked;
        if (node.PinName is { } name && level.Inputs.TryGetValue(name, out var given)) return given;
        return node.InputDefault.Member("value") ?? block.FindInput("value")?.Default;
    }

    private static (string Id, int Version)? Reference(GraphNode node) =>
        node.InputDefault.Member("graph_id") is { ValueKind: JsonValueKind.String } id
        && node.InputDefault.Member("graph_version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var version)
            ? (id.GetString()!, version)
            : null;

    /// <summary>The values of a node.</summary>
    /// <param name="Known">Those that are known, by pin.</param>
    /// <param name="Unknown">Why the others are not, by pin.</param>
    private sealed record Values(PinValues Known, Dictionary<string, string> Unknown);
}
