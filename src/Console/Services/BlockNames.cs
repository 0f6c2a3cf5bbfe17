using System.Collections.Frozen;
using System.Text.Json;

namespace Grainflow.WebConsole.Services;

/// <summary>The names of the blocks, read once for all users: the program has the same for everybody.</summary>
public sealed class BlockNames
{
    private volatile FrozenDictionary<string, string>? _names;

    /// <summary>The names by id.</summary>
    /// <param name="api">Reads them the first time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(ConsoleApi api, CancellationToken cancellationToken)
    {
        if (_names is { } known) return known;
        var blocks = await api.GetAsync<JsonElement>("/api/blocks", cancellationToken);
        return _names = blocks.EnumerateArray().ToFrozenDictionary(block => block.GetProperty("id").GetString()!, block => block.GetProperty("name").GetString()!, StringComparer.Ordinal);
    }
}
