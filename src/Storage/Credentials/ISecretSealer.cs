namespace Grainflow.Storage.Credentials;

/// <summary>Encrypts secrets for the database with the data key of their user (DESIGN section 9).</summary>
public interface ISecretSealer
{
    /// <summary>Encrypts a secret.</summary>
    /// <param name="userId">The owner, whose data key is used.</param>
    /// <param name="purpose">What the secret is for; it is authenticated, so that one sealed value cannot be put in the place of another.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<byte[]> SealAsync(string userId, string purpose, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken);

    /// <summary>Decrypts the result of <see cref="SealAsync"/>, for the same user and purpose. It throws when the value cannot be decrypted.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="purpose">What the secret is for.</param>
    /// <param name="sealed">The encrypted secret.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<byte[]> OpenAsync(string userId, string purpose, ReadOnlyMemory<byte> @sealed, CancellationToken cancellationToken);
}
