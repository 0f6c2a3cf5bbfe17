namespace Grainflow.Storage.Credentials;

/// <summary>What has become of a change or deletion of a credential.</summary>
public enum CredentialWrite
{
    /// <summary>It is stored.</summary>
    Done,

    /// <summary>There is no such credential.</summary>
    NotFound,

    /// <summary>The credential has another version than the one that the change was made from.</summary>
    Conflict,

    /// <summary>Somebody holds a lease of it.</summary>
    Held,
}

/// <summary>
/// The credentials of users and their data keys. Each write names the version that it was made from, so that of two writers one is refused, whatever processes they are in.
/// </summary>
public interface ICredentialStore
{
    /// <summary>The credentials of a user without their secrets, oldest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<CredentialRow>> ListAsync(string userId, CancellationToken cancellationToken);

    /// <summary>A credential, or null.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The credential.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<StoredCredential?> FindAsync(string userId, string id, CancellationToken cancellationToken);

    /// <summary>Stores a new credential.</summary>
    /// <param name="row">The credential.</param>
    /// <param name="secret">Its sealed secret.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is stored, when the user has a credential of its id.</returns>
    Task<bool> InsertAsync(CredentialRow row, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken);

    /// <summary>Keeps new leases from being granted for some time, for a change that waits for the present ones.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The credential.</param>
    /// <param name="until">When leases are granted again; null for now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task CloseAsync(string userId, string id, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>The silos that hold leases of a credential, each once for every lease.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The credential.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<string>> HoldersAsync(string userId, string id, CancellationToken cancellationToken);

    /// <summary>Changes a credential, if nobody holds a lease of it.</summary>
    /// <param name="row">The credential as it is to be, with a version one above the stored one.</param>
    /// <param name="secret">Its sealed secret.</param>
    /// <param name="gone">Silos that are dead, whose leases do not count and are removed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<CredentialWrite> UpdateAsync(CredentialRow row, ReadOnlyMemory<byte> secret, IReadOnlySet<string> gone, CancellationToken cancellationToken);

    /// <summary>Deletes a credential and its leases.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The credential.</param>
    /// <param name="gone">Silos that are dead, whose leases do not count; null to delete whoever holds leases.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<CredentialWrite> DeleteAsync(string userId, string id, IReadOnlySet<string>? gone, CancellationToken cancellationToken);

    /// <summary>Claims the refresh of a token. One caller at a time gets it.</summary>
    /// <param name="row">The credential as it was read.</param>
    /// <param name="claim">Who refreshes.</param>
    /// <param name="staleBefore">Claims from before this time count no more.</param>
    /// <param name="gone">Silos that are dead, whose claims count no more.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when somebody else has the claim, or the credential has changed.</returns>
    Task<bool> ClaimRefreshAsync(CredentialRow row, RefreshClaim claim, DateTimeOffset staleBefore, IReadOnlySet<string> gone, CancellationToken cancellationToken);

    /// <summary>Stores refreshed tokens and ends the claim. Leases do not hinder it.</summary>
    /// <param name="row">The credential as it is to be, with a version one above the stored one.</param>
    /// <param name="secret">Its sealed secret.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is stored, when the claim is not valid any more or the credential has changed.</returns>
    Task<bool> StoreRefreshedAsync(CredentialRow row, ReadOnlyMemory<byte> secret, RefreshClaim claim, CancellationToken cancellationToken);

    /// <summary>Ends a claim without new tokens.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="id">The credential.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AbandonRefreshAsync(string userId, string id, RefreshClaim claim, CancellationToken cancellationToken);

    /// <summary>The sealed data key of a user, or null.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<ReadOnlyMemory<byte>?> FindDataKeyAsync(string userId, CancellationToken cancellationToken);

    /// <summary>Stores the data key of a user, unless there is one.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="sealedKey">The sealed key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The stored key.</returns>
    Task<ReadOnlyMemory<byte>> AddDataKeyAsync(string userId, ReadOnlyMemory<byte> sealedKey, CancellationToken cancellationToken);

    /// <summary>A page of the data keys, in the order of the users.</summary>
    /// <param name="afterUserId">The last user of the page before; empty for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<DataKeyRow>> DataKeysAsync(string afterUserId, int limit, CancellationToken cancellationToken);

    /// <summary>Replaces the seal of a data key.</summary>
    /// <param name="row">The key as it was read.</param>
    /// <param name="resealed">The same key, sealed anew.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is stored, when another process has resealed it.</returns>
    Task<bool> ResealAsync(DataKeyRow row, ReadOnlyMemory<byte> resealed, CancellationToken cancellationToken);
}

/// <summary>The claim of a refresh.</summary>
/// <param name="Id">Of this claim alone.</param>
/// <param name="Silo">The silo that refreshes.</param>
/// <param name="At">Since when.</param>
public sealed record RefreshClaim(Guid Id, string Silo, DateTimeOffset At);

/// <summary>The data key of a user.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Sealed">The key, sealed.</param>
public sealed record DataKeyRow(string UserId, ReadOnlyMemory<byte> Sealed);
