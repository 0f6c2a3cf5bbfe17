using Grainflow.Gateway.Graphs;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.Builder;

/// <summary>The agents of a user for the builder: every graph that he owns (decision 39).</summary>
internal sealed class BuilderAgents(OwnAgents agents, IGraphStore graphs)
{
    /// <summary>How many of the newest agents of a user are searched.</summary>
    public const int MostSearched = 1000;

    // There are no profiles yet; the reference names those without one so.
    private const string UnknownCreator = "Unknown";

    /// <summary>The agents of a user that a search looks through, newest first.</summary>
    public Task<IReadOnlyList<OwnAgent>> ListAsync(string userId, CancellationToken cancellationToken) => agents.ListAsync(userId, MostSearched, cancellationToken);

    /// <summary>How many agents a user has.</summary>
    public Task<long> CountAsync(string userId, CancellationToken cancellationToken) => agents.CountAsync(userId, cancellationToken);

    /// <summary>The entries of some agents by graph, in two queries. An agent that was deleted meanwhile is left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, LibraryAgent>> ReadAsync(IReadOnlyCollection<GraphKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0) return new Dictionary<Guid, LibraryAgent>();
        var rows = await graphs.FindManyAsync(keys, cancellationToken);
        var states = (await agents.StatesAsync([.. keys.Select(key => key.Id)], cancellationToken)).ToDictionary(state => state.GraphId);
        return rows.Where(row => states.ContainsKey(row.Id)).ToDictionary(row => row.Id, row => Entry(row, states[row.Id]));
    }

    private static LibraryAgent Entry(GraphRow row, OwnAgentState state)
    {
        var graph = GraphAnswers.Meta(row);
        return new LibraryAgent
        {
            Id = graph.Id,
            GraphId = graph.Id,
            GraphVersion = graph.Version,
            OwnerUserId = row.UserId,
            ImageUrl = null,
            CreatorName = UnknownCreator,
            CreatorImageUrl = "",
            // As all listings: they load no runs (semantics 8.2).
            Status = LibraryAgentStatus.Completed,
            NewOutput = false,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.CreatedAt,
            Name = graph.Name,
            Description = graph.Description,
            Instructions = graph.Instructions,
            InputSchema = graph.InputSchema,
            OutputSchema = graph.OutputSchema,
            CredentialsInputSchema = graph.CredentialsInputSchema,
            HasExternalTrigger = graph.HasExternalTrigger,
            HasHumanInTheLoop = graph.HasHumanInTheLoop,
            HasSensitiveAction = graph.HasSensitiveAction,
            TriggerSetupInfo = graph.TriggerSetupInfo,
            CanAccessGraph = true,
            IsLatestVersion = row.Version == state.HighestVersion,
            IsFavorite = false,
            RecommendedScheduleCron = graph.RecommendedScheduleCron,
            Settings = new GraphSettings { HumanInTheLoopSafeMode = state.ReviewsHumanInTheLoop, SensitiveActionSafeMode = state.ReviewsSensitiveActions },
        };
    }
}
