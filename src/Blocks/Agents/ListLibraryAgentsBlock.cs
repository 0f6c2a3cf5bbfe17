using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Agents;

[Block("082602d3-a74d-4600-9e9c-15b3af7eae98", "Lists agents in the own library.", "BASIC", "DATA", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class ListLibraryAgentsBlock : Block<ListLibraryAgentsBlock.Input, ListLibraryAgentsBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await context.Library.ListAsync(input.SearchQuery, input.Page, (int)input.Limit, cancellationToken);
        var agents = found.Agents
            .Select(agent => new LibraryAgent { LibraryAgentId = agent.Id, AgentId = agent.GraphId, AgentVersion = agent.Version, AgentName = agent.Name, Description = agent.Description, Creator = agent.Creator })
            .ToList();
        yield return EmitObject(nameof(Output.Agents), agents);
        yield return Emit(nameof(Output.TotalCount), found.Total);
        yield return Emit(nameof(Output.Page), input.Page);
        yield return Emit(nameof(Output.TotalPages), (found.Total + input.Limit - 1) / input.Limit);
        foreach (var agent in agents) yield return EmitObject(nameof(Output.Agent), agent);
    }

    internal sealed record Input
    {
        public string? SearchQuery { get; init; }

        [Pin(Minimum = 1, Maximum = 100)]
        public long Limit { get; init; } = 50;

        [Pin(Minimum = 1)]
        public long Page { get; init; } = 1;
    }

    internal sealed record Output : BlockResult
    {
        public IReadOnlyList<LibraryAgent> Agents { get; init; } = [];

        public required LibraryAgent Agent { get; init; }

        public long TotalCount { get; init; }

        public long Page { get; init; } = 1;

        public long TotalPages { get; init; } = 1;
    }

    internal sealed record LibraryAgent
    {
        public string LibraryAgentId { get; init; } = "";

        public string AgentId { get; init; } = "";

        public long AgentVersion { get; init; }

        public string AgentName { get; init; } = "";

        public string Description { get; init; } = "";

        public string Creator { get; init; } = "";

        public bool IsArchived { get; init; }

        [Pin(ShowDefault = true)]
        public IReadOnlyList<string> Categories { get; init; } = [];
    }
}
