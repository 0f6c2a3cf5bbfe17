namespace Grainflow.Storage.Credentials;

/// <summary>An access to a secret, as its owner sees it.</summary>
/// <param name="At">When.</param>
/// <param name="Purpose">What for, a short word.</param>
/// <param name="RunId">The run that asked, or null.</param>
/// <param name="NodeExecutionId">The node execution that asked, or null.</param>
/// <param name="GraphId">The graph of the run; null when no run asked, or the run is gone.</param>
/// <param name="AgentName">What the graph was called in the version of the run; null where there is no graph.</param>
/// <param name="Reason">Why it was refused; null when it was granted.</param>
public sealed record CredentialAccessRow(DateTimeOffset At, string Purpose, Guid? RunId, Guid? NodeExecutionId, Guid? GraphId, string? AgentName, string? Reason);

/// <summary>Reads the record of accesses to credentials.</summary>
/// <param name="database">The database.</param>
public sealed class CredentialAccessQueries(Database database)
{
    /// <summary>The newest accesses of a user to one credential, newest first.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="credentialId">The credential, of the user or of the platform.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<CredentialAccessRow>> ListAsync(string userId, string credentialId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT a.at, a.purpose, a.run_id, a.node_execution_id, r.graph_id, g.name, a.reason
        FROM (SELECT * FROM credential_accesses WHERE user_id = $1 AND credential_id = $2 ORDER BY at DESC, id DESC LIMIT $3) a
          LEFT JOIN runs r ON r.id = a.run_id AND r.user_id = $1 AND NOT r.deleted
          LEFT JOIN graphs g ON g.id = r.graph_id AND g.version = r.graph_version
        ORDER BY a.at DESC, a.id DESC
        """,
        [userId, credentialId, limit],
        row => new CredentialAccessRow(row.GetTime(0), row.GetString(1), row.GetGuidOrNull(2), row.GetGuidOrNull(3), row.GetGuidOrNull(4), row.GetStringOrNull(5), row.GetStringOrNull(6)),
        cancellationToken);
}
