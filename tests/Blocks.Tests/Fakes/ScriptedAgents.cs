using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A library and a marketplace that answer what the <c>platform</c> of a vector says.</summary>
internal sealed class ScriptedAgents(JsonElement script) : IAgentLibrary, IAgentStore
{
    /// <summary>The agents of the library, newest first.</summary>
    public List<LibraryEntry> Library { get; } = [];

    /// <summary>What the library was asked for.</summary>
    public List<(string? Search, long Page, int Size)> Asked { get; } = [];

    public Task<LibraryPage> ListAsync(string? search, long page, int size, CancellationToken cancellationToken)
    {
        Asked.Add((search, page, size));
        return Task.FromResult(new LibraryPage([.. Library.Skip((int)(page - 1) * size).Take(size)], Library.Count));
    }

    public Task<IReadOnlyList<StoreEntry>> SearchAsync(string? query, string? category, string sort, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoreEntry>>([.. script.GetProperty("store_search").EnumerateArray().Select(row => new StoreEntry(
            Text(row, "slug"), Text(row, "name"), Text(row, "description"), Text(row, "creator"), row.GetProperty("rating").GetDouble(), row.GetProperty("runs").GetInt64()))]);

    public Task<StoreListing?> FindAsync(string creator, string slug, CancellationToken cancellationToken) => Task.FromResult(script.Member("store_agent") is not { } agent ? null : new StoreListing(
        Text(agent, "store_listing_version_id"), Text(agent, "agent_name"), Text(agent, "description"), Text(agent, "creator"),
        [.. agent.GetProperty("categories").EnumerateArray().Select(category => category.GetString()!)], agent.GetProperty("runs").GetInt64(), agent.GetProperty("rating").GetDouble()));

    public Task<AddedAgent> AddAsync(string userId, string listingVersionId, CancellationToken cancellationToken)
    {
        var entry = script.GetProperty("library_entry_created");
        return Task.FromResult(new AddedAgent(Text(entry, "library_agent_id"), Text(entry, "agent_id"), entry.GetProperty("agent_version").GetInt32(), Text(entry, "agent_name")));
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
