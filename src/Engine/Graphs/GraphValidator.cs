using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Graphs;

/// <summary>Validates a graph before it is stored and before it runs (contract: semantics 1.5 and 1.6).</summary>
public static class GraphValidator
{
    private static readonly Dictionary<string, JsonElement> NoMask = new(StringComparer.Ordinal);

    /// <summary>
    /// Checks that links connect existing nodes, and that their pins exist where the block is known. Cycles are allowed, and so are nodes with unknown blocks
    /// (<see cref="GraphPlaceholders"/>).
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="catalogue">The blocks.</param>
    public static IEnumerable<GraphProblem> CheckStructure(Graph graph, IBlockCatalogue catalogue)
    {
        var nodes = graph.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        foreach (var link in graph.Links)
        {
            foreach (var problem in CheckEnd(graph, link, nodes, catalogue, source: true)) yield return problem;
            foreach (var problem in CheckEnd(graph, link, nodes, catalogue, source: false)) yield return problem;
        }
    }

    /// <summary>Checks each node: required pins have values, names are allowed, and pins on which others depend have values.</summary>
    /// <param name="graph">A graph without problems of structure.</param>
    /// <param name="forRun">False before storing: then only Input, Output and Agent nodes must have values for their required pins.</param>
    /// <param name="masks">Values that replace those of pins, by node id, or null.</param>
    public static IEnumerable<GraphProblem> CheckNodes(
        GraphIndex graph, bool forRun, IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>? masks = null)
    {
        if (forRun)
            foreach (var problem in GraphPlaceholders.Problems(graph)) yield return problem;
        foreach (var node in graph.Graph.Nodes)
        {
            if (graph.FindBlock(node.Id) is not { AcceptsAnyPin: false } block || block.Kind == BlockKind.Note) continue;
            var mask = masks?.GetValueOrDefault(node.Id) ?? NoMask;
            foreach (var problem in CheckNode(graph, node, block, forRun, mask)) yield return problem;
        }
    }

    private static IEnumerable<GraphProblem> CheckNode(
        GraphIndex graph, GraphNode node, BlockDefinition block, bool forRun, IReadOnlyDictionary<string, JsonElement> mask)
    {
        if (block.Kind == BlockKind.Input && node.PinName is { } name && IsReserved(name))
        {
            yield return new GraphProblem(
                $"Node {node.Id}{node.QuotedTitle}: an input may not be called '{name}'; 'credentials' and names ending in '_credentials' are reserved", null, node.Id, "name");
        }

        if (forRun && block.Kind == BlockKind.Ai && ToolLoopProblem(graph.Incoming(node.Id)) is { } loop)
            yield return new GraphProblem($"Node {node.Id} ({block.Name}){node.QuotedTitle}: {loop}", null, node.Id, ToolMessages.OutputPin);

        var provided = Provided(graph, node, mask);
        var mustBeComplete = forRun || block.Kind is BlockKind.Input or BlockKind.Output or BlockKind.Agent;
        foreach (var pin in block.Inputs)
        {
            if (mustBeComplete && pin.Required && pin.Credentials is null && !provided.Contains(pin.Name))
            {
                yield return new GraphProblem(
                    $"Node {node.Id} ({block.Name}){node.QuotedTitle} needs a value for '{pin.Name}'", null, node.Id, pin.Name);
            }

            foreach (var problem in CheckDependencies(node, block, pin, forRun, mask, provided)) yield return problem;
        }
    }

    /// <summary>What is wrong with the links by which tools come back to a node that calls them, or null (contract: semantics 2.6).</summary>
    private static string? ToolLoopProblem(IReadOnlyList<GraphLink> incoming)
    {
        var hasHistory = incoming.Any(link => link.SinkName == ToolMessages.HistoryPin);
        var outputs = incoming.Where(link => link.SinkName == ToolMessages.OutputPin).ToList();
        if (hasHistory != outputs.Count > 0) return $"link both '{ToolMessages.HistoryPin}' and '{ToolMessages.OutputPin}', or neither of them";
        return outputs.Exists(link => link.IsStatic) ? $"'{ToolMessages.OutputPin}' cannot take the output of a node whose outputs stay; link the output of the tool itself" : null;
    }

    private static IEnumerable<GraphProblem> CheckDependencies(
        GraphNode node, BlockDefinition block, PinDefinition pin, bool forRun, IReadOnlyDictionary<string, JsonElement> mask, HashSet<string> provided)
    {
        var wanted = forRun ? pin.DependsOn : [];
        if (pin.Credentials?.Discriminator is { } discriminator) wanted = [.. wanted, discriminator];
        if (wanted.Count == 0 || !(pin.Required || HasValue(node, pin, mask))) yield break;

        var missing = wanted.Where(name => !provided.Contains(name) && !HasSchemaDefault(block.FindInput(name))).ToList();
        if (missing.Count > 0)
        {
            yield return new GraphProblem(
                $"Node {node.Id} ({block.Name}){node.QuotedTitle}: '{pin.Name}' needs a value for {string.Join(", ", missing.Select(name => $"'{name}'"))}", null, node.Id, pin.Name);
        }
    }

    // A pin without a default is treated as having a value, as the reference implementation does (semantics 1.6).
    private static bool HasValue(GraphNode node, PinDefinition pin, IReadOnlyDictionary<string, JsonElement> mask) =>
        (node.InputDefault.Member(pin.Name) is { } value && IsFilled(value))
        || pin.Default is not { ValueKind: JsonValueKind.Null }
        || (mask.TryGetValue(pin.Name, out var masked) && IsFilled(masked));

    private static bool HasSchemaDefault(PinDefinition? pin) => pin?.Default is { } value && !value.IsNull();

    private static bool IsFilled(JsonElement value) =>
        !value.IsNull() && !(value.ValueKind == JsonValueKind.String && PythonText.Strip(value.GetString()!).Length == 0);

    private static HashSet<string> Provided(GraphIndex graph, GraphNode node, IReadOnlyDictionary<string, JsonElement> mask)
    {
        var provided = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in node.InputDefault.EnumerateObject()) provided.Add(DynamicPins.Sanitize(member.Name));
        foreach (var link in graph.Incoming(node.Id)) provided.Add(DynamicPins.Sanitize(link.SinkName));
        provided.UnionWith(mask.Keys);
        return provided;
    }

    private static IEnumerable<GraphProblem> CheckEnd(
        Graph graph, GraphLink link, Dictionary<string, GraphNode> nodes, IBlockCatalogue catalogue, bool source)
    {
        var (nodeId, pin) = source ? (link.SourceId, link.SourceName) : (link.SinkId, link.SinkName);
        var side = source ? "starts at" : "ends at";
        if (!nodes.TryGetValue(nodeId, out var node))
        {
            yield return new GraphProblem(
                $"Link {Name(graph, link)} {side} node {nodeId}, which is not in the graph", $"links[{graph.Links.IndexOf(link)}].{(source ? "source_id" : "sink_id")}", nodeId);
            yield break;
        }

        if (catalogue.Find(node.BlockId) is not { AcceptsAnyPin: false } block || DynamicPins.IsTool(pin)) yield break;
        if (!HasPin(node, block, pin, source))
        {
            var known = KnownPins(node, block, source).ToList();
            yield return new GraphProblem(
                $"Link {Name(graph, link)} {side} pin '{pin}' of node {node.Id} ({block.Name}){node.QuotedTitle}, but the block has no such {(source ? "output" : "input")}; it has {(known.Count == 0 ? "none" : string.Join(", ", known))}",
                $"links[{graph.Links.IndexOf(link)}].{(source ? "source_name" : "sink_name")}", node.Id, pin);
        }
    }

    private static bool HasPin(GraphNode node, BlockDefinition block, string pin, bool source) =>
        KnownPins(node, block, source).Contains(DynamicPins.BaseName(pin), StringComparer.Ordinal)
        // The pins of an Agent node are the names of the sub-agent's inputs and outputs, which may be any text and look like dynamic pins; so may the arguments of a tool.
        || (block.Kind is BlockKind.Agent or BlockKind.McpTool && KnownPins(node, block, source).Contains(pin, StringComparer.Ordinal));

    private static IEnumerable<string> KnownPins(GraphNode node, BlockDefinition block, bool source)
    {
        if (block.Kind == BlockKind.McpTool && !source) return block.Inputs.Select(pin => pin.Name).Concat(Properties(node, "tool_input_schema"));
        if (block.Kind != BlockKind.Agent) return (source ? block.Outputs : block.Inputs).Select(pin => pin.Name);
        var declared = Properties(node, source ? "output_schema" : "input_schema");
        // The error of a failed sub-agent is emitted on the pin "error" (decision 7).
        return source ? declared.Append("error") : declared;
    }

    /// <summary>The names of the properties in a schema that is a constant of the node.</summary>
    private static IEnumerable<string> Properties(GraphNode node, string schema) =>
        node.InputDefault.Member(schema)?.Member("properties") is { ValueKind: JsonValueKind.Object } properties ? properties.EnumerateObject().Select(property => property.Name) : [];

    private static bool IsReserved(string name) =>
        string.Equals(name, "credentials", StringComparison.Ordinal) || name.EndsWith("_credentials", StringComparison.Ordinal);

    private static string Name(Graph graph, GraphLink link) => link.Id.Length > 0 ? link.Id : $"#{graph.Links.IndexOf(link)}";
}
