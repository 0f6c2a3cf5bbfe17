using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>
/// The rules of a dry run (decision 36, ADR 0037): what only computes is computed, every other block is answered from the schema of its outputs, and nothing is charged, asked for or
/// reached outside.
/// </summary>
public static class DryRun
{
    /// <summary>How many node executions a dry run may have.</summary>
    public const int MaxNodeExecutions = 2_000;

    /// <summary>The limits of a dry run: <see cref="MaxNodeExecutions"/> at most, because a cycle that a service would end goes on for ever with samples.</summary>
    /// <param name="limits">The limits of the settings.</param>
    internal static RunLimits Of(RunLimits limits) => limits.MaxNodeExecutions > MaxNodeExecutions ? limits with { MaxNodeExecutions = MaxNodeExecutions } : limits;

    /// <summary>A graph as a dry run sees it: its blocks are free, have no effect, ask nobody, and take no credentials.</summary>
    /// <param name="graph">The graph.</param>
    public static GraphIndex Of(GraphIndex graph) => new(graph.Graph, new Blocks(graph));

    /// <summary>A block as a dry run sees it.</summary>
    /// <param name="block">The block.</param>
    public static BlockDefinition Of(BlockDefinition block) => block with
    {
        // A sub-agent is a dry run of its own.
        EffectFree = block.Kind != BlockKind.Agent,
        Effect = BlockEffect.None,
        EffectByPin = null,
        SensitiveAction = false,
        Waits = false,
        Costs = [],
        Kind = block.Kind == BlockKind.HumanInTheLoop ? BlockKind.Standard : block.Kind,
        Inputs = [.. block.Inputs.Select(pin => pin.Credentials is null ? pin : pin with { Credentials = null, Required = false, DependsOn = [] })],
    };

    /// <summary>
    /// The masks of a dry run: as given, and a sample for each value that the agent's user would have to give: inputs of the graph, and required pins that nothing fills
    /// (contract: upstream section 5).
    /// </summary>
    /// <param name="graph">The graph, from <see cref="Of(GraphIndex)"/>.</param>
    /// <param name="masks">The masks of the caller, or of the run that starts this one.</param>
    /// <param name="inputs">The inputs of the graph.</param>
    public static ImmutableDictionary<string, PinValues> Fill(GraphIndex graph, ImmutableDictionary<string, PinValues> masks, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        var filled = masks.ToBuilder();
        foreach (var node in graph.Graph.Nodes)
        {
            if (graph.FindBlock(node.Id) is not { AcceptsAnyPin: false, Kind: not (BlockKind.Note or BlockKind.Agent) } block) continue;
            var missing = block.Inputs.Where(pin => IsMissing(graph, node, block, pin, filled.GetValueOrDefault(node.Id), inputs)).ToList();
            if (missing.Count == 0) continue;
            var mask = new PinValues(filled.GetValueOrDefault(node.Id) ?? [], StringComparer.Ordinal);
            foreach (var pin in missing) mask[pin.Name] = Sample(block, pin.Name, block.Kind == BlockKind.Input ? node.PinName ?? pin.Name : pin.Name);
            filled[node.Id] = mask;
        }

        return filled.ToImmutable();
    }

    /// <summary>What a block that is not executed emits: one value on each of its pins except <c>error</c>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">Its input; other inputs give other samples.</param>
    public static IEnumerable<(string Pin, JsonElement Value)> Outputs(BlockDefinition block, JsonElement input)
    {
        var seed = $"{block.Id}\n{JsonValues.Compact(input)}";
        var properties = block.OutputSchema.Member("properties");
        foreach (var pin in block.Outputs)
        {
            if (pin.Name == "error") continue;
            yield return (pin.Name, SampleValues.Of(properties?.Member(pin.Name) ?? JsonValues.EmptyObject, pin.Name, seed, block.OutputSchema.Member("$defs")));
        }
    }

    private static bool IsMissing(
        GraphIndex graph, GraphNode node, BlockDefinition block, PinDefinition pin, PinValues? mask, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        if (mask?.ContainsKey(pin.Name) == true || graph.Incoming(node.Id).Any(link => DynamicPins.BaseName(link.SinkName) == pin.Name)) return false;
        var isConstant = node.InputDefault.EnumerateObject().Any(member => DynamicPins.BaseName(member.Name) == pin.Name && !member.Value.IsNull());
        if (block.Kind == BlockKind.Input && pin.Name == "value")
            return !isConstant && !(node.PinName is { } name && inputs.ContainsKey(name)) && pin.Default is null or { ValueKind: JsonValueKind.Null };
        return pin.Required && !isConstant && !node.InputDefault.EnumerateObject().Any(member => DynamicPins.BaseName(member.Name) == pin.Name);
    }

    private static JsonElement Sample(BlockDefinition block, string pin, string name) =>
        SampleValues.Of(block.InputSchema.Member("properties")?.Member(pin) ?? JsonValues.EmptyObject, name, block.Id, block.InputSchema.Member("$defs"));

    /// <summary>The blocks of one graph, changed for a dry run.</summary>
    private sealed class Blocks(GraphIndex graph) : IBlockCatalogue
    {
        private readonly Dictionary<string, BlockDefinition> _blocks = graph.Graph.Nodes
            .Select(node => graph.FindBlock(node.Id)).OfType<BlockDefinition>().DistinctBy(block => block.Id, StringComparer.Ordinal)
            .ToDictionary(block => block.Id, Of, StringComparer.OrdinalIgnoreCase);

        public BlockDefinition? Find(string blockId) => _blocks.GetValueOrDefault(blockId);
    }
}
