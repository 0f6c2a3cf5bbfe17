using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>Builds the input of a node execution from the values that have arrived (contract: semantics 2.6, <c>validate_exec</c>).</summary>
public static class NodeInput
{
    /// <summary>
    /// Replaces constants of the node by the values that have arrived, merges dynamic pins, and converts and checks the values. False, with
    /// the reason, when the node cannot run with these values, or not yet.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">A node of it.</param>
    /// <param name="arrived">The values from links, from static links of earlier executions and from the mask, by pin name.</param>
    /// <param name="resolve">True to merge dynamic pins; false when that was done before.</param>
    /// <param name="prepared">The input to run the node with.</param>
    /// <param name="error">The reason.</param>
    public static bool TryPrepare(
        GraphIndex graph, GraphNode node, PinValues arrived, bool resolve,
        [NotNullWhen(true)] out PinValues? prepared, [NotNullWhen(false)] out string? error)
    {
        prepared = null;
        if (graph.FindBlock(node.Id) is not { } block)
        {
            error = $"Block {node.BlockId} of node {node.Id} is not known.";
            return false;
        }

        foreach (var link in graph.Incoming(node.Id))
        {
            if (arrived.ContainsKey(link.SinkName)) continue;
            // A node in a loop with tools runs first without what comes back to it.
            if (block.Kind == BlockKind.Ai && link.SinkName is ToolMessages.HistoryPin or ToolMessages.OutputPin) continue;
            error = $"Nothing has arrived yet on the linked input '{link.SinkName}'.";
            return false;
        }

        var data = Overlay(Defaults(node, block), arrived);
        if (resolve && !TryMerge(ref data, out error)) return false;
        if (!block.AcceptsAnyPin && block.Kind != BlockKind.Agent && !TryConform(block, data, node.CredentialsOptional, out error)) return false;
        if (block.Kind == BlockKind.Ai && ToolMessages.MissingPin(data) is { } missing)
        {
            error = $"'{missing}' has not arrived yet.";
            return false;
        }

        prepared = data;
        error = null;
        return true;
    }

    /// <summary>
    /// The input object that a block gets: the prepared values, and for Agent nodes the node's constants with
    /// <c>inputs</c> replaced (contract: semantics 2.10 step 3).
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="block">Its block.</param>
    /// <param name="prepared">The result of <see cref="TryPrepare"/>.</param>
    public static JsonElement ForBlock(GraphNode node, BlockDefinition block, PinValues prepared)
    {
        if (block.Kind != BlockKind.Agent) return JsonValues.Object(prepared);
        return ForTool(block, node.InputDefault, prepared);
    }

    /// <summary>
    /// The input of a tool that runs in the place of the node that calls it: the constants of its node with the arguments in their place, merged, converted and checked. False,
    /// with the reason, when it cannot run with them.
    /// </summary>
    /// <param name="block">The block of the tool.</param>
    /// <param name="constants">The constants of its node, a JSON object.</param>
    /// <param name="arguments">The values of the call, by pin.</param>
    /// <param name="prepared">The input.</param>
    /// <param name="error">The reason.</param>
    public static bool TryPrepareTool(
        BlockDefinition block, JsonElement constants, IReadOnlyDictionary<string, JsonElement> arguments, [NotNullWhen(true)] out PinValues? prepared, [NotNullWhen(false)] out string? error)
    {
        prepared = null;
        var data = Members(block.Kind == BlockKind.Agent ? constants.Member("inputs") ?? JsonValues.EmptyObject : constants);
        foreach (var (name, value) in arguments) data[name] = value;
        if (!TryMerge(ref data, out error)) return false;
        if (!block.AcceptsAnyPin && block.Kind != BlockKind.Agent && !TryConform(block, data, credentialsOptional: false, out error)) return false;
        prepared = data;
        error = null;
        return true;
    }

    /// <summary>The input object that the block of a tool gets; as <see cref="ForBlock"/>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="constants">The constants of the node.</param>
    /// <param name="prepared">The result of <see cref="TryPrepareTool"/>.</param>
    public static JsonElement ForTool(BlockDefinition block, JsonElement constants, PinValues prepared)
    {
        if (block.Kind != BlockKind.Agent) return JsonValues.Object(prepared);
        var members = Members(constants);
        members["inputs"] = JsonValues.Object(prepared);
        return JsonValues.Object(members);
    }

    internal static PinValues Members(JsonElement source)
    {
        var members = new PinValues(StringComparer.Ordinal);
        if (source.ValueKind != JsonValueKind.Object) return members;
        foreach (var member in source.EnumerateObject()) members[member.Name] = member.Value;
        return members;
    }

    private static PinValues Defaults(GraphNode node, BlockDefinition block)
    {
        var source = block.Kind == BlockKind.Agent
            ? node.InputDefault.Member("inputs") ?? JsonValues.EmptyObject
            : node.InputDefault;
        return Members(source);
    }

    private static PinValues Overlay(PinValues defaults, PinValues arrived)
    {
        foreach (var (name, value) in arrived) defaults[name] = value;
        return defaults;
    }

    private static bool TryMerge(ref PinValues data, [NotNullWhen(false)] out string? error)
    {
        try
        {
            data = DynamicPins.Merge(data);
            error = null;
            return true;
        }
        catch (FormatException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    private static bool TryConform(BlockDefinition block, PinValues data, bool credentialsOptional, [NotNullWhen(false)] out string? error)
    {
        foreach (var pin in block.Inputs)
        {
            if (!data.TryGetValue(pin.Name, out var value))
            {
                // A node without its optional credentials is skipped, so it does not wait for them (semantics 2.3).
                if (!pin.Required || (pin.Credentials is not null && credentialsOptional)) continue;
                error = $"'{pin.Name}' has no value.";
                return false;
            }

            if (value.IsNull()) continue;
            if (pin.Converted)
            {
                if (!Coercion.TryConvert(value, pin.Type, out var converted, out var reason))
                {
                    error = $"'{pin.Name}': {reason}";
                    return false;
                }

                data[pin.Name] = value = converted;
            }

            if ((SchemaCheck.Find(value, pin.Type) ?? pin.Misfit(value)) is { } misfit)
            {
                error = $"'{pin.Name}': {misfit}";
                return false;
            }
        }

        error = null;
        return true;
    }
}
