using Grainflow.Blocks.Contract;
using Grainflow.Grains.Credentials;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Scenarios;

/// <summary>Every system credential, and those that an agent needs besides, with a secret that opens nothing.</summary>
internal sealed class ScenarioVault : ICredentialLeases
{
    /// <summary>The credentials of providers for which the platform has none; set once the agent is imported.</summary>
    public IReadOnlyList<GivenCredential> Scripted { private get; set; } = [];

    /// <inheritdoc/>
    public Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken) =>
        Task.FromResult<CredentialLease?>(Find(credentialId) is { } found ? new FixedLease(found) : null);

    private Credential? Find(string id)
    {
        if (SystemCredentials.Ids.FirstOrDefault(pair => pair.Value == id).Key is { } provider) return new Credential(id, provider, SystemCredentials.TypeOf(provider), GivenCredential.ScriptedSecret);
        return Scripted.FirstOrDefault(credential => credential.Id == id) is { } scripted
            ? new Credential(id, scripted.Provider, scripted.Type, GivenCredential.ScriptedSecret) { Username = GivenCredential.ScriptedSecret }
            : null;
    }
}
