using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Agents;

[Block("39524701-026c-4328-87cc-1b88c8e2cb4c", "Searches the agent store.", "BASIC", "DATA", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class SearchStoreAgentsBlock : Block<SearchStoreAgentsBlock.Input, SearchStoreAgentsBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var agents = (await context.RequireStore().SearchAsync(input.Query, input.Category, input.SortBy, (int)input.Limit, cancellationToken))
            .Select(agent => new StoreAgent
            {
                Slug = agent.Slug,
                Name = agent.Name,
                Description = agent.Description,
                Creator = agent.Creator,
                Rating = agent.Rating,
                Runs = agent.Runs,
                Categories = agent.Categories!,
            })
            .ToList();
        yield return EmitObject(nameof(Output.Agents), agents);
        // The number of rows that are returned, not of all that match (contract: block-tiers).
        yield return Emit(nameof(Output.TotalCount), agents.Count);
        foreach (var agent in agents) yield return EmitObject(nameof(Output.Agent), agent);
    }

    internal sealed record Input
    {
        public string? Query { get; init; }

        public string? Category { get; init; }

        [Pin(Type = "enum(rating|runs|name|updated_at)")]
        public string SortBy { get; init; } = "rating";

        [Pin(Minimum = 1, Maximum = 100)]
        public long Limit { get; init; } = 10;
    }

    internal sealed record Output : BlockResult
    {
        public IReadOnlyList<StoreAgent> Agents { get; init; } = [];

        public required StoreAgent Agent { get; init; }

        public long TotalCount { get; init; }
    }

    internal sealed record StoreAgent
    {
        public string Slug { get; init; } = "";

        public string Name { get; init; } = "";

        public string Description { get; init; } = "";

        public string Creator { get; init; } = "";

        public double Rating { get; init; }

        public long Runs { get; init; }

        [Pin(ShowDefault = true), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string> Categories { get; init; } = [];
    }
}
