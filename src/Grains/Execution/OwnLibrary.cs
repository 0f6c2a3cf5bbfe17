using Grainflow.Blocks.Contract;
using Grainflow.Storage.Graphs;

namespace Grainflow.Grains.Execution;

/// <summary>The library of a user: every graph that he owns (decision 39).</summary>
public sealed class OwnLibrary(OwnAgents agents)
{
    // There are no profiles yet; the reference names those without one so.
    private const string UnknownCreator = "Unknown";

    /// <summary>The library of a user.</summary>
    /// <param name="userId">The user.</param>
    public IAgentLibrary Of(string userId) => new LibraryOfUser(agents, userId);

    private sealed class LibraryOfUser(OwnAgents agents, string userId) : IAgentLibrary
    {
        public async Task<LibraryPage> ListAsync(string? search, long page, int size, CancellationToken cancellationToken)
        {
            // No user has as many agents as the largest number that this gives.
            var skipped = Math.Min(page - 1, int.MaxValue) * size;
            var (found, total) = await agents.PageAsync(userId, search ?? "", skipped, size, cancellationToken);
            return new LibraryPage(
                [.. found.Select(agent => (agent, id: agent.Key.Id.ToString())).Select(item => new LibraryEntry(item.id, item.id, item.agent.Key.Version, item.agent.Name, item.agent.Description, UnknownCreator))],
                total);
        }
    }
}
