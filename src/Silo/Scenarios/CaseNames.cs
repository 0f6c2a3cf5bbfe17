using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>Checks that the agent has the inputs, outputs and nodes that a case names: a misspelt name would be ignored, and the case could hold.</summary>
internal static class CaseNames
{
    /// <summary>Checks a case.</summary>
    /// <param name="item">The case.</param>
    /// <param name="bundle">The agent, as its file has it.</param>
    /// <param name="catalogue">The built blocks.</param>
    /// <exception cref="CliException">The agent does not have what the case names; says what it has.</exception>
    public static void Require(ScenarioCase item, GraphBundle bundle, IBlockCatalogue catalogue)
    {
        Require(item, "inputs", "input", item.Inputs.Keys, Names(bundle.Root, catalogue, BlockKind.Input));
        // The name of an output may come out of another node.
        if (item.ExpectedOutputs is { } outputs && bundle.Root.Nodes.All(node => node.PinName is not null || catalogue.Find(node.BlockId)?.Kind is not (null or BlockKind.Output)))
            Require(item, "expected_outputs", "output", MembersOf(outputs), Names(bundle.Root, catalogue, BlockKind.Output));

        var nodes = bundle.All.SelectMany(graph => graph.Nodes).Select(node => node.Id).Distinct(StringComparer.Ordinal).ToList();
        Require(item, "external_calls", "node", item.Calls.Select(call => call.NodeId).OfType<string>(), nodes);
        if (item.ExpectedNodeOutputs is { } nodeOutputs) Require(item, "expected_node_outputs", "node", MembersOf(nodeOutputs), nodes);
    }

    /// <summary>The names of the nodes of a kind. A block that is not built may be of any kind.</summary>
    private static List<string> Names(Graph graph, IBlockCatalogue catalogue, BlockKind kind) =>
        [.. graph.Nodes.Where(node => catalogue.Find(node.BlockId) is not { } block || block.Kind == kind).Select(node => node.PinName).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> MembersOf(JsonElement value) => value.EnumerateObject().Select(member => member.Name);

    private static void Require(ScenarioCase item, string member, string what, IEnumerable<string> given, List<string> known)
    {
        if (given.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is not { } unknown) return;
        var all = known.Count == 0 ? "It has none." : $"It has: {Nearest.List(known)}.";
        throw new CliException($"The scenario: {item.Path}.{member} names '{unknown}', and {item.AgentFile} has no such {what}.{Nearest.Hint(unknown, known)} {all}");
    }
}
