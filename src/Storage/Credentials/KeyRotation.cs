namespace Grainflow.Storage.Credentials;

/// <summary>Seals all data keys by the current key. It may run while the keys are used, several times, and again after a crash.</summary>
/// <param name="store">The data keys.</param>
/// <param name="keys">The keys.</param>
public sealed class KeyRotation(ICredentialStore store, EncryptionKeys keys)
{
    /// <summary>How many data keys are read at a time.</summary>
    public const int PageSize = 500;

    /// <summary>Seals every data key that is not sealed by the current key.</summary>
    /// <param name="progress">Told after each page.</param>
    /// <param name="cancellationToken">Stops between two keys; what was done stays.</param>
    /// <exception cref="EncryptionKeyException">There is no current key.</exception>
    public async Task<KeyRotationResult> RunAsync(Action<KeyRotationResult> progress, CancellationToken cancellationToken)
    {
        var ring = keys.Ring();
        var result = new KeyRotationResult(ring.Current.Name, 0, 0, []);
        var last = "";
        while (true)
        {
            var page = await store.DataKeysAsync(last, PageSize, cancellationToken);
            if (page.Count == 0) return result;
            foreach (var row in page)
            {
                result = await ResealAsync(row, ring, result, cancellationToken);
                last = row.UserId;
            }

            progress(result);
        }
    }

    private async Task<KeyRotationResult> ResealAsync(DataKeyRow row, KeyRing ring, KeyRotationResult result, CancellationToken cancellationToken)
    {
        try
        {
            // A key that another process has resealed meanwhile counts as one that was.
            return Envelope.Reseal(row.Sealed.Span, row.UserId, ring) is { } resealed && await store.ResealAsync(row, resealed, cancellationToken)
                ? result with { Resealed = result.Resealed + 1 }
                : result with { Current = result.Current + 1 };
        }
        catch (UnreadableSecretException exception)
        {
            return result with { Failed = [.. result.Failed, $"User {row.UserId}: {exception.Message}"] };
        }
    }
}

/// <summary>What a rotation has done.</summary>
/// <param name="Key">The name of the current key.</param>
/// <param name="Resealed">How many data keys it has sealed by that key.</param>
/// <param name="Current">How many were sealed by that key before.</param>
/// <param name="Failed">Those that could not be opened, and why. They were not changed.</param>
public sealed record KeyRotationResult(string Key, int Resealed, int Current, IReadOnlyList<string> Failed);
