using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>The values that the agents of one user keep by key (contract: semantics 2.16). Values outlast runs, and the last write of a key is the one that is read.</summary>
public interface IKeyValues
{
    /// <summary>The value of a key; null when nothing was written.</summary>
    /// <param name="key">The key with its scope.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<JsonElement?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a value in place of an earlier one. A repeated write of the same value changes nothing.</summary>
    /// <param name="key">The key with its scope.</param>
    /// <param name="value">Any value.</param>
    /// <param name="cancellationToken">Cancels the write, which may have taken effect then.</param>
    /// <exception cref="BlockException">The key or the value is too long, or the user has too many values; the text says which and the limit.</exception>
    Task WriteAsync(string key, JsonElement value, CancellationToken cancellationToken);
}
