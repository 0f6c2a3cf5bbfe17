using System.Text.Json;
using Grainflow.Gateway.Json;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.Graphs;

/// <summary>Builds the answers about graphs from the stored documents and models.</summary>
internal sealed class GraphAnswers(IGraphStore store)
{
    /// <summary>A version with its sub-graphs.</summary>
    public async Task<GraphModel> ReadAsync(GraphRow row, CancellationToken cancellationToken)
    {
        var facts = Facts(row.Model);
        return Model(row, Document(row.Document), facts, await SubGraphsAsync(row.UserId, [facts], cancellationToken) is var below ? Ordered(facts, below) : []);
    }

    /// <summary>Several versions with their sub-graphs, in two queries.</summary>
    public async Task<IReadOnlyList<GraphModel>> ReadManyAsync(IReadOnlyList<GraphRow> rows, CancellationToken cancellationToken)
    {
        var facts = rows.Select(row => Facts(row.Model)).ToList();
        var below = rows.Count == 0 ? [] : await SubGraphsAsync(rows[0].UserId, facts, cancellationToken);
        return [.. rows.Select((row, index) => Model(row, Document(row.Document), facts[index], Ordered(facts[index], below)))];
    }

    /// <summary>A version for a listing: sub-graphs are not loaded.</summary>
    public static GraphMeta Meta(GraphRow row) => new(row, Document(row.Document), Facts(row.Model));

    /// <summary>The same for newer versions, whose listings have no schemas.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="head">What a listing reads of a graph.</param>
    public static GraphRowAnswer Row(string userId, OwnAgentHead head) => new(userId, head, Document(head.Document));

    /// <summary>A version with a document and facts that are not those of the row, as an export has them.</summary>
    public static GraphModel Model(GraphRow row, StoredGraph document, StoredFacts facts, IReadOnlyList<SubGraphAnswer> below) => new(row, document, facts)
    {
        Nodes =
        [
            .. document.Nodes.Select(node => new NodeModel
            {
                Id = node.Id,
                BlockId = node.BlockId,
                InputDefault = node.InputDefault,
                Metadata = node.Metadata,
                InputLinks = [.. document.Links.Where(link => link.SinkId == node.Id)],
                OutputLinks = [.. document.Links.Where(link => link.SourceId == node.Id)],
                GraphId = row.Id.ToString(),
                GraphVersion = row.Version,
                WebhookId = node.WebhookId,
            }),
        ],
        Links = document.Links,
        SubGraphs = below,
    };

    /// <summary>A sub-graph from its document and facts.</summary>
    public static SubGraphAnswer SubGraph(StoredGraph document, StoredFacts facts, bool isActive) => new(document, facts, isActive)
    {
        Nodes =
        [
            .. document.Nodes.Select(node => new Node
            {
                Id = node.Id,
                BlockId = node.BlockId,
                InputDefault = node.InputDefault,
                Metadata = node.Metadata,
                InputLinks = [.. document.Links.Where(link => link.SinkId == node.Id)],
                OutputLinks = [.. document.Links.Where(link => link.SourceId == node.Id)],
            }),
        ],
        Links = document.Links,
    };

    /// <summary>Parses the stored document of a graph.</summary>
    public static StoredGraph Document(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<StoredGraph>(json.Span, GatewayJson.Options)!;

    /// <summary>Parses the stored model of a graph; null, for a version that has none yet, gives empty facts.</summary>
    public static StoredFacts Facts(ReadOnlyMemory<byte>? json) =>
        json is { } model ? JsonSerializer.Deserialize<StoredFacts>(model.Span, GatewayJson.Options)! : new StoredFacts();

    private static List<SubGraphAnswer> Ordered(StoredFacts facts, Dictionary<(string, int), SubGraphAnswer> below) =>
        [.. facts.SubGraphs.Select(key => below.GetValueOrDefault((key.Id, key.Version))).OfType<SubGraphAnswer>()];

    private async Task<Dictionary<(string, int), SubGraphAnswer>> SubGraphsAsync(string userId, IEnumerable<StoredFacts> facts, CancellationToken cancellationToken)
    {
        var keys = facts.SelectMany(item => item.SubGraphs).Select(key => new GraphKey(Guid.Parse(key.Id), key.Version)).Distinct().ToList();
        if (keys.Count == 0) return [];
        var rows = await store.FindManyAsync(keys, cancellationToken);
        return rows.Where(row => row.UserId == userId)
            .ToDictionary(row => (row.Id.ToString(), row.Version), row => SubGraph(Document(row.Document), Facts(row.Model), row.IsActive));
    }
}
