namespace Grainflow.Storage.Credentials;

/// <summary>An access to a secret.</summary>
public sealed record CredentialAccess
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>For which user.</summary>
    public required string UserId { get; init; }

    /// <summary>The id that was asked for.</summary>
    public required string CredentialId { get; init; }

    /// <summary>The provider, or null when there is no such credential.</summary>
    public string? Provider { get; init; }

    /// <summary>What for, a short word.</summary>
    public required string Purpose { get; init; }

    /// <summary>The run that asked, or null.</summary>
    public Guid? RunId { get; init; }

    /// <summary>The node execution that asked, or null.</summary>
    public Guid? NodeExecutionId { get; init; }

    /// <summary>Why it was refused; null when it was granted.</summary>
    public string? Reason { get; init; }
}

/// <summary>What has become of the wish for a lease.</summary>
/// <param name="Credential">The credential; null when there is none.</param>
/// <param name="IsClosing">A change waits for the present leases, so none was granted.</param>
/// <param name="Fence">The number of the lease, larger than those of all leases that were granted before.</param>
/// <param name="AccessId">The row of the access.</param>
public sealed record LeaseGrant(StoredCredential? Credential, bool IsClosing, long Fence, long AccessId);

/// <summary>The leases of credentials and the record of accesses.</summary>
public interface ICredentialLeaseStore
{
    /// <summary>Grants a lease and records the access, in one statement. An access to a credential that is not there is recorded as refused.</summary>
    /// <param name="access">The access.</param>
    /// <param name="silo">The silo that is going to hold the lease.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the lease was granted is unknown then.</param>
    Task<LeaseGrant> AcquireAsync(CredentialAccess access, string silo, CancellationToken cancellationToken);

    /// <summary>Renews the leases of a silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="fences">The leases that it holds.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Those that it still has.</returns>
    Task<IReadOnlySet<long>> RenewAsync(string silo, IReadOnlyCollection<long> fences, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Gives leases back.</summary>
    /// <param name="fences">The leases.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task ReleaseAsync(IReadOnlyCollection<long> fences, CancellationToken cancellationToken);

    /// <summary>Removes leases of a silo that it does not know of: the answer that granted them was lost.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="fences">The leases that it holds.</param>
    /// <param name="before">Only leases that were taken before this time, and so none that are being granted now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were removed.</returns>
    Task<int> RemoveUnknownAsync(string silo, IReadOnlyCollection<long> fences, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Records accesses that need no lease, or were refused without one.</summary>
    /// <param name="accesses">The accesses.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task RecordAsync(IReadOnlyList<CredentialAccess> accesses, CancellationToken cancellationToken);

    /// <summary>Records that an access was refused after all, and gives its lease back.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task RefuseAsync(LeaseGrant grant, string reason, CancellationToken cancellationToken);

    /// <summary>Deletes the record of accesses before a time.</summary>
    /// <param name="before">The time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteAccessesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
