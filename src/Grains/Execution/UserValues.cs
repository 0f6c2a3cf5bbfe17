using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Storage.KeyValues;

namespace Grainflow.Grains.Execution;

/// <summary>The values that agents keep for their users, in the database, with their limits.</summary>
public sealed class UserValues
{
    /// <summary>The most values of a user.</summary>
    internal const int MaxKeys = 10_000;

    /// <summary>The most bytes of the JSON text of one value.</summary>
    internal const int MaxValueBytes = 1024 * 1024;

    /// <summary>The most bytes of the JSON texts of all values of a user.</summary>
    internal const long MaxBytes = 64L * 1024 * 1024;

    // An index of PostgreSQL takes rows of at most 2,704 bytes.
    private const int MaxKeyBytes = 2000;

    private readonly IKeyValueStore _store;
    private readonly GrainCallRetry _calls;
    private readonly TimeProvider _clock;

    /// <summary>Creates it.</summary>
    /// <param name="store">The rows.</param>
    /// <param name="calls">Repeats calls while the database cannot be reached; a repeated write stores the same value again.</param>
    /// <param name="clock">The time of writes.</param>
    internal UserValues(IKeyValueStore store, GrainCallRetry calls, TimeProvider clock) => (_store, _calls, _clock) = (store, calls, clock);

    /// <summary>The values of one user.</summary>
    /// <param name="userId">The user.</param>
    public IKeyValues Of(string userId) => new ValuesOfUser(this, userId);

    private async Task<JsonElement?> FindAsync(string userId, string key, CancellationToken cancellationToken)
    {
        Check(key);
        var found = await _calls.BoundedAsync(() => _store.FindAsync(userId, key, cancellationToken), cancellationToken);
        return found is { } json ? JsonValues.ParseUtf8(json.Span) : null;
    }

    private async Task WriteAsync(string userId, string key, JsonElement value, CancellationToken cancellationToken)
    {
        Check(key);
        var json = JsonValues.CompactUtf8(JsonValues.Clean(value));
        if (json.Length > MaxValueBytes) throw new BlockException($"'value' has {json.Length} bytes as JSON; a stored value may have at most {MaxValueBytes}");
        var row = new UserValueRow(userId, key, json, _clock.GetUtcNow());
        if (await _calls.BoundedAsync(() => _store.SaveAsync(row, MaxKeys, MaxBytes, cancellationToken), cancellationToken)) return;
        throw new BlockException($"The stored values of your agents may be at most {MaxKeys} with {MaxBytes / 1024 / 1024} MB together; use fewer keys or smaller values");
    }

    private static void Check(string key)
    {
        if (Encoding.UTF8.GetByteCount(key) > MaxKeyBytes) throw new BlockException($"'key' may have at most {MaxKeyBytes} bytes with its scope");
    }

    private sealed class ValuesOfUser(UserValues all, string userId) : IKeyValues
    {
        public Task<JsonElement?> FindAsync(string key, CancellationToken cancellationToken) => all.FindAsync(userId, JsonValues.CleanText(key), cancellationToken);

        public Task WriteAsync(string key, JsonElement value, CancellationToken cancellationToken) => all.WriteAsync(userId, JsonValues.CleanText(key), value, cancellationToken);
    }
}
