using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>The values of a user, in memory.</summary>
internal sealed class MemoryKeyValues : IKeyValues
{
    public Dictionary<string, JsonElement> Values { get; } = new(StringComparer.Ordinal);

    public Task<JsonElement?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Values.TryGetValue(key, out var value) ? value : (JsonElement?)null);

    public Task WriteAsync(string key, JsonElement value, CancellationToken cancellationToken)
    {
        Values[key] = value;
        return Task.CompletedTask;
    }
}
