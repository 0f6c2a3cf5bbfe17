using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

/// <summary>The estimates of the recorded runs of the shipped agents, with the platform's credentials. Blocks that are not built have the prices of the contract.</summary>
public sealed class CostEstimateVectorsTests
{
    private static readonly ContractBlocks? Blocks = ContractBlocks.Read();

    public static IEnumerable<TheoryDataRow<int>> Runs()
    {
        if (SharedFiles.ReadJson("agents/agent-runs.json") is not { } runs) return [new TheoryDataRow<int>(0) { Skip = SharedFiles.AbsentReason }];
        return runs.EnumerateArray().Select((run, index) => new TheoryDataRow<int>(index) { TestDisplayName = $"Estimate of {run.GetProperty("agent").GetString()}" });
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void The_estimate_is_at_least_what_the_recorded_run_has_cost_and_equal_where_nothing_depends_on_outputs(int index)
    {
        var run = SharedFiles.ReadJson("agents/agent-runs.json")!.Value[index];
        var recorded = run.GetProperty("block_cost_with_system_credentials").GetInt64();

        var estimate = Estimate(run);

        if (estimate.IsKnown) Assert.Equal(recorded, estimate.Total);
        Assert.InRange(recorded, 0, estimate.Maximum);
        // Where a node that costs something may run more than once, it is said which and why.
        if (estimate.Repeats) Assert.Contains(estimate.Nodes, node => node is { Repeats: true, Cost: > 0, Reason: not null });
    }

    [Fact]
    public void The_price_of_most_shipped_agents_is_known_before_they_run()
    {
        if (SharedFiles.ReadJson("agents/agent-runs.json") is not { } runs)
        {
            Assert.Skip(SharedFiles.AbsentReason);
            return;
        }

        var open = runs.EnumerateArray().Where(run => !Estimate(run).IsKnown).Select(run => run.GetProperty("agent").GetString());
        Assert.Equal(["Decision Maker Lead Finder", "Domain Name Finder", "Personal Newsletter"], open);
    }

    private static CostEstimate Estimate(JsonElement run)
    {
        var document = JsonValues.CompactUtf8(SharedFiles.ReadJson("agents/" + run.GetProperty("agent_file").GetString())!.Value);
        var imported = GraphImport.Import(GraphDocument.ReadBundle(document), Blocks!, "user", () => Guid.NewGuid().ToString());
        var graphs = imported.Bundle.All.Select(graph => new GraphIndex(graph, Blocks!)).ToList();
        var inputs = run.GetProperty("inputs").EnumerateObject().ToDictionary(input => input.Name, input => input.Value, StringComparer.Ordinal);
        var masks = new Dictionary<string, OrderedDictionary<string, JsonElement>>(StringComparer.Ordinal);
        foreach (var (graph, node) in graphs.SelectMany(graph => graph.Graph.Nodes.Select(node => (graph, node))))
        {
            if (graph.FindBlock(node.Id) is { } block && SystemCredential(block, node) is { } credential)
                masks[node.Id] = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal) { ["credentials"] = credential };
        }

        return CostEstimator.Estimate(graphs[0], graphs.Skip(1), inputs, masks, new RunLimits().MaxNodeExecutions);
    }

    /// <summary>The credential of the first rule that is for the node's model, or for any.</summary>
    private static JsonElement? SystemCredential(BlockDefinition block, GraphNode node)
    {
        var model = node.InputDefault.Member("model") ?? block.FindInput("model")?.Default;
        foreach (var rule in block.Costs)
            if (rule.Filter.Member("model") is not { } wanted || (model is { } given && ValueEquality.AreEqual(wanted, given))) return rule.Filter.Member("credentials");
        return null;
    }

    /// <summary>The blocks of this repository, and those of the contract that are not built.</summary>
    private sealed class ContractBlocks : IBlockCatalogue
    {
        private readonly BlockCatalogue _built = new();
        private readonly Dictionary<string, BlockDefinition> _others;

        private ContractBlocks(IEnumerable<IReadOnlyDictionary<string, string>> table, IReadOnlyList<IReadOnlyDictionary<string, string>> costs) =>
            _others = table.Where(row => _built.Find(row["id"]) is null).ToDictionary(row => row["id"], row => Read(row, costs), StringComparer.Ordinal);

        public static ContractBlocks? Read() =>
            SharedFiles.ReadTable("blocks.tsv") is { } table && SharedFiles.ReadTable("costs.tsv") is { } costs ? new ContractBlocks(table, costs) : null;

        public BlockDefinition? Find(string blockId) => _built.Find(blockId) ?? _others.GetValueOrDefault(blockId);

        private static BlockDefinition Read(IReadOnlyDictionary<string, string> row, IReadOnlyList<IReadOnlyDictionary<string, string>> costs)
        {
            var prices = costs.Where(price => price["kind"] == "block" && price["key"] == row["class"]).ToList();
            return new BlockDefinition
            {
                Id = row["id"],
                Name = row["class"],
                AcceptsAnyPin = true,
                Kind = Enum.TryParse<BlockKind>(row["block_type"], out var kind) ? kind : BlockKind.Standard,
                Inputs = [.. row["inputs"].Split(" ; ", StringSplitOptions.RemoveEmptyEntries).Select(Pin)],
                InputSchema = JsonValues.EmptyObject,
                OutputSchema = JsonValues.EmptyObject,
                Costs = prices.Exists(price => price["credits"] == "per model") ? BlockPrices.PerModel : [.. prices.Select(Rule)],
            };
        }

        private static PinDefinition Pin(string text)
        {
            const string Default = ":default=";
            var at = text.IndexOf(Default, StringComparison.Ordinal);
            var value = at < 0 ? "" : text[(at + Default.Length)..].Split(" [")[0];
            return new PinDefinition { Name = text.Split(':')[0], Type = PinType.Any, Default = JsonValues.TryParse(value, out var json) ? json : null };
        }

        private static CostRule Rule(IReadOnlyDictionary<string, string> row) =>
            new(long.Parse(row["credits"], CultureInfo.InvariantCulture), CostType.Run, row["filter"].Length == 0 ? JsonValues.EmptyObject : JsonValues.Parse(row["filter"]));
    }
}
