namespace Grainflow.Storage.KeyValues;

/// <summary>The values that agents keep for their users (contract: semantics 2.16 "Key-value store").</summary>
public interface IKeyValueStore
{
    /// <summary>The JSON text of a value in UTF-8; null when the user has none with the key.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="key">The key with its scope.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ReadOnlyMemory<byte>?> FindAsync(string userId, string key, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a value in place of the one with the same key. The bounds hold for writes that do not overlap: of two at the same time, each counts what was there before both.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="maxKeys">The most values of the user, this one included.</param>
    /// <param name="maxBytes">The most bytes of the JSON texts of all values of the user, this one included.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may be stored then.</param>
    /// <returns>False, and nothing is stored, when the user would have more values or more bytes.</returns>
    Task<bool> SaveAsync(UserValueRow value, int maxKeys, long maxBytes, CancellationToken cancellationToken);
}

/// <summary>A value of a user.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Key">The key with its scope, which PostgreSQL can hold; at most 2,600 bytes together with the user's id, so that an index can.</param>
/// <param name="Json">The JSON text of the value in UTF-8.</param>
/// <param name="UpdatedAt">The time of the write.</param>
public sealed record UserValueRow(string UserId, string Key, ReadOnlyMemory<byte> Json, DateTimeOffset UpdatedAt);
