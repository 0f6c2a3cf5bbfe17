namespace Grainflow.Grains.Webhooks;

/// <summary>The webhooks that were created at providers with a credential, for its deletion (contract: semantics 4.7). At most 100 of them are considered.</summary>
public interface ICredentialWebhooks
{
    /// <summary>Counts the webhooks of a credential that still have triggers.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="credentialId">The credential.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<int> CountTriggeredAsync(string userId, string credentialId, CancellationToken cancellationToken);

    /// <summary>Detaches the nodes and presets of each webhook of a credential, deregisters it at its provider and deletes it. Repeating it changes nothing.</summary>
    /// <param name="userId">The owner.</param>
    /// <param name="credentialId">The credential, which is still there.</param>
    /// <param name="cancellationToken">Stops between two webhooks.</param>
    Task RemoveAllAsync(string userId, string credentialId, CancellationToken cancellationToken);
}
