using System.Collections.Frozen;
using Grainflow.Blocks.Contract;

namespace Grainflow.Grains.Execution;

/// <summary>Looks up the secrets that nodes name.</summary>
public interface INodeCredentials
{
    /// <summary>Finds a credential. Null when the user has none with this id, or when it is a system credential that is not configured.</summary>
    /// <param name="userId">The owner of the run.</param>
    /// <param name="credentialId">The id in the node's input.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<Credential?> FindAsync(string userId, string credentialId, CancellationToken cancellationToken);
}

/// <summary>The keys of the platform's own credentials.</summary>
public sealed class SystemCredentialOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Credentials";

    /// <summary>API key by provider; a provider without one has no system credential. Settings <c>OPENAI_API_KEY</c> and so on.</summary>
    public Dictionary<string, string> ApiKeys { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The platform's own credentials: one for every provider whose setting <c>&lt;provider&gt;_api_key</c> is set (contract:
/// semantics 4.3). Users pay for their use in credits.
/// </summary>
public sealed class SystemCredentialVault : INodeCredentials
{
    private readonly FrozenDictionary<string, Credential> _byId;

    /// <summary>Creates the credentials of the providers that have a key.</summary>
    /// <param name="keys">API key by provider. Empty keys, and providers without a system credential, are ignored.</param>
    public SystemCredentialVault(IEnumerable<KeyValuePair<string, string>> keys)
    {
        _byId = keys
            .Where(key => key.Value.Length > 0 && SystemCredentials.Ids.ContainsKey(key.Key))
            .Select(key => new Credential(SystemCredentials.Ids[key.Key], key.Key, "api_key", key.Value))
            .ToFrozenDictionary(credential => credential.Id, StringComparer.OrdinalIgnoreCase);
        Providers = _byId.Values.Select(credential => credential.Provider).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The providers that have a credential here.</summary>
    public IReadOnlySet<string> Providers { get; }

    /// <inheritdoc/>
    public ValueTask<Credential?> FindAsync(string userId, string credentialId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_byId.GetValueOrDefault(credentialId));
}
