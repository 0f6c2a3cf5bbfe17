using Grainflow.Blocks.Contract;

namespace Grainflow.Grains.Execution;

/// <summary>Looks up the secrets that nodes name.</summary>
public interface INodeCredentials
{
    /// <summary>The credential, or null when the user has none of that id or it is not configured.</summary>
    /// <param name="userId">Whose run it is.</param>
    /// <param name="credentialId">The id in the node's input.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<Credential?> FindAsync(string userId, string credentialId, CancellationToken cancellationToken);
}
