using Grainflow.Blocks.Contract;
using Grainflow.Grains.Credentials;

namespace Grainflow.Silo.Scenarios;

/// <summary>Every system credential, with a secret that opens nothing.</summary>
internal sealed class ScenarioVault : ICredentialLeases
{
    /// <inheritdoc/>
    public Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken)
    {
        var provider = SystemCredentials.Ids.FirstOrDefault(pair => pair.Value == credentialId).Key;
        return Task.FromResult<CredentialLease?>(provider is null ? null : new FixedLease(new Credential(credentialId, provider, SystemCredentials.TypeOf(provider), "scenario")));
    }
}
