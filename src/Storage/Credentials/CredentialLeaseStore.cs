namespace Grainflow.Storage.Credentials;

/// <inheritdoc cref="ICredentialLeaseStore"/>
/// <param name="database">The database.</param>
public sealed class CredentialLeaseStore(Database database) : ICredentialLeaseStore
{
    /// <summary>The reason of an access to a credential that is not there.</summary>
    public const string NotFound = "There is no such credential.";

    private static readonly RowColumns<CredentialAccess> AccessColumns = new RowColumns<CredentialAccess>()
        .Time("at", access => access.At)
        .Text("user_id", access => access.UserId)
        .Text("credential_id", access => access.CredentialId)
        .Text("provider", access => access.Provider)
        .Text("purpose", access => access.Purpose)
        .Uuid("run_id", access => access.RunId)
        .Uuid("node_execution_id", access => access.NodeExecutionId)
        .Text("reason", access => access.Reason);

    /// <inheritdoc/>
    public async Task<LeaseGrant> AcquireAsync(CredentialAccess access, string silo, CancellationToken cancellationToken)
    {
        // The lock conflicts with that of a change or deletion, and with no other: a change that comes first is waited for and seen, one that comes later sees the lease.
        var granted = await database.ListAsync(
            Plan.ByIndex,
            $"""
            WITH c AS (
              SELECT * FROM credentials WHERE user_id = $1 AND id = $2 FOR KEY SHARE
            ), lease AS (
              INSERT INTO credential_leases (user_id, credential_id, silo, taken_at, renewed_at)
              SELECT $1, $2, $3, $4, $4 FROM c WHERE coalesce(c.closing_until <= $4, true) RETURNING fence
            ), noted AS (
              INSERT INTO credential_accesses (at, user_id, credential_id, provider, purpose, run_id, node_execution_id, fence, granted, reason)
              SELECT $4, $1, $2, c.provider, $5, nullif($6, $8), nullif($7, $8), lease.fence, c.id IS NOT NULL, CASE WHEN c.id IS NULL THEN $9 END
              FROM (SELECT) AS one LEFT JOIN c ON true LEFT JOIN lease ON true WHERE c.id IS NULL OR lease.fence IS NOT NULL RETURNING id
            )
            SELECT {CredentialStore.Columns}, c.sealed, coalesce(k.sealed, ''), c.refresh_silo, coalesce(lease.fence, 0), coalesce(noted.id, 0)
            FROM (SELECT) AS one LEFT JOIN c ON true LEFT JOIN user_data_keys AS k ON k.user_id = $1 LEFT JOIN lease ON true LEFT JOIN noted ON true
            """,
            [access.UserId, access.CredentialId, silo, access.At, access.Purpose, access.RunId ?? Guid.Empty, access.NodeExecutionId ?? Guid.Empty, Guid.Empty, NotFound],
            row =>
            {
                var fence = row.GetInt64(CredentialStore.ColumnCount + 3);
                return row.IsDBNull(0)
                    ? new LeaseGrant(null, IsClosing: false, 0, row.GetInt64(CredentialStore.ColumnCount + 4))
                    : new LeaseGrant(CredentialStore.MapStored(row), IsClosing: fence == 0, fence, row.GetInt64(CredentialStore.ColumnCount + 4));
            },
            cancellationToken);
        return granted[0];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlySet<long>> RenewAsync(string silo, IReadOnlyCollection<long> fences, DateTimeOffset at, CancellationToken cancellationToken) => (await database.ListAsync(
        Plan.ByIndex,
        """
        UPDATE credential_leases SET renewed_at = $3 WHERE fence = ANY (ARRAY(
          SELECT fence FROM credential_leases WHERE silo = $1 AND fence = ANY ($2) ORDER BY fence FOR UPDATE)) RETURNING fence
        """,
        [silo, fences.ToArray(), at],
        row => row.GetInt64(0),
        cancellationToken)).ToHashSet();

    /// <inheritdoc/>
    public Task ReleaseAsync(IReadOnlyCollection<long> fences, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "DELETE FROM credential_leases WHERE fence = ANY (ARRAY(SELECT fence FROM credential_leases WHERE fence = ANY ($1) ORDER BY fence FOR UPDATE))",
        [fences.ToArray()],
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> RemoveUnknownAsync(string silo, IReadOnlyCollection<long> fences, DateTimeOffset before, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.BySize,
        """
        DELETE FROM credential_leases WHERE fence = ANY (ARRAY(
          SELECT fence FROM credential_leases WHERE silo = $1 AND taken_at < $3 AND fence <> ALL ($2) ORDER BY fence FOR UPDATE))
        """,
        [silo, fences.ToArray(), before],
        cancellationToken);

    /// <inheritdoc/>
    public Task RecordAsync(IReadOnlyList<CredentialAccess> accesses, CancellationToken cancellationToken)
    {
        var parameters = new List<object?>();
        AccessColumns.AddParameters(accesses, parameters);
        return database.ExecuteAsync(
            Plan.ByIndex,
            """
            INSERT INTO credential_accesses (at, user_id, credential_id, provider, purpose, run_id, node_execution_id, granted, reason)
            SELECT at, user_id, credential_id, provider, purpose, run_id, node_execution_id, reason IS NULL, reason
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS a (at, user_id, credential_id, provider, purpose, run_id, node_execution_id, reason)
            """,
            [.. parameters],
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task RefuseAsync(LeaseGrant grant, string reason, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "WITH released AS (DELETE FROM credential_leases WHERE fence = $1) UPDATE credential_accesses SET granted = false, fence = NULL, reason = $3 WHERE id = $2",
        [grant.Fence, grant.AccessId, reason],
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> DeleteAccessesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "DELETE FROM credential_accesses WHERE id = ANY (ARRAY(SELECT id FROM credential_accesses WHERE at < $1 ORDER BY at LIMIT $2))",
        [before, limit],
        cancellationToken);
}
