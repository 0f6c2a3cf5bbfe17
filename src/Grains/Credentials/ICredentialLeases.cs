using Grainflow.Blocks.Contract;

namespace Grainflow.Grains.Credentials;

/// <summary>Gives the secrets of users and of the platform to code that uses them, and records each access (contract: semantics 4.4, decision 40).</summary>
public interface ICredentialLeases
{
    /// <summary>
    /// Takes a lease of a credential, whose token is refreshed before when it is due. Any number of leases of one credential may be held at once.
    /// </summary>
    /// <param name="userId">The owner. The credentials of another user are not found.</param>
    /// <param name="credentialId">The id of a credential of the user or of the platform.</param>
    /// <param name="use">What the credential is used for.</param>
    /// <param name="cancellationToken">Cancels waiting for a change of the credential that is under way.</param>
    /// <returns>The lease, which the caller disposes when it does not use the secret any more; null when there is no such credential.</returns>
    /// <exception cref="CredentialUnusableException">The credential exists but cannot be used: it cannot be decrypted, or its token has expired and is not refreshed.</exception>
    Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken);
}

/// <summary>What a credential is used for; it is recorded with the access.</summary>
/// <param name="Purpose"><c>block</c>, <c>webhook</c> or another short word.</param>
public sealed record CredentialUse(string Purpose)
{
    /// <summary>The run that uses the credential, or null.</summary>
    public Guid? RunId { get; init; }

    /// <summary>The node execution that uses the credential, or null.</summary>
    public Guid? NodeExecutionId { get; init; }
}

/// <summary>A credential in use. It is renewed until it is disposed.</summary>
public abstract class CredentialLease : IAsyncDisposable
{
    /// <summary>The credential with its secret.</summary>
    public abstract Credential Credential { get; }

    /// <summary>The number of the lease, larger than that of every lease that was taken of the credential before. 0 for credentials of the platform, which nobody changes.</summary>
    public abstract long Fence { get; }

    /// <summary>Cancelled when the lease could not be renewed, so that the credential may have been changed or deleted meanwhile.</summary>
    public abstract CancellationToken Lost { get; }

    /// <summary>Gives the lease back.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A credential exists but cannot be used. The message names the cause and the cure and contains no secret.</summary>
public sealed class CredentialUnusableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The cause and the cure, for the user.</param>
    public CredentialUnusableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">The cause and the cure, for the user.</param>
    /// <param name="innerException">The error behind it, for the log.</param>
    public CredentialUnusableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
