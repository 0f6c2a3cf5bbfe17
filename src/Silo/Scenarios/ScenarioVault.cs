using Grainflow.Blocks.Contract;
using Grainflow.Grains.Execution;

namespace Grainflow.Silo.Scenarios;

/// <summary>Every system credential, with a secret that opens nothing.</summary>
internal sealed class ScenarioVault : INodeCredentials
{
    /// <inheritdoc/>
    public ValueTask<Credential?> FindAsync(string userId, string credentialId, CancellationToken cancellationToken)
    {
        var provider = SystemCredentials.Ids.FirstOrDefault(pair => pair.Value == credentialId).Key;
        return ValueTask.FromResult(provider is null ? null : new Credential(credentialId, provider, "api_key", "scenario"));
    }
}
