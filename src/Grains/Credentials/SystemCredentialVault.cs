using System.Collections.Frozen;
using Grainflow.Blocks.Contract;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Credentials;

/// <summary>The keys of the platform's own credentials.</summary>
public sealed class SystemCredentialOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Credentials";

    /// <summary>API key by provider; a provider without one has no system credential. Settings <c>OPENAI_API_KEY</c> and so on.</summary>
    public Dictionary<string, string> ApiKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>The user name of the proxy; with the password it turns on the credential of <c>webshare_proxy</c>. Setting <c>WEBSHARE_PROXY_USERNAME</c>.</summary>
    public string WebshareProxyUsername { get; set; } = "";

    /// <summary>The password of the proxy. Setting <c>WEBSHARE_PROXY_PASSWORD</c>.</summary>
    public string WebshareProxyPassword { get; set; } = "";
}

/// <summary>
/// The platform's own credentials: one for every provider whose setting <c>&lt;provider&gt;_api_key</c> is set, one for <c>webshare_proxy</c>, and always one for <c>ollama</c>,
/// which needs no key (contract: semantics 4.3). Users pay for their use in credits. They are never stored.
/// </summary>
public sealed class SystemCredentialVault
{
    private readonly FrozenDictionary<string, Credential> _byId;

    /// <summary>Creates the credentials of the providers that have a key.</summary>
    /// <param name="options">The keys. Empty ones, and those of providers without a system credential, are ignored.</param>
    public SystemCredentialVault(IOptions<SystemCredentialOptions> options)
    {
        var keys = options.Value;
        var all = SystemCredentials.Ids.Select(pair => pair.Key switch
        {
            SystemCredentials.Proxy when keys is { WebshareProxyUsername.Length: > 0, WebshareProxyPassword.Length: > 0 } =>
                new Credential(pair.Value, pair.Key, CredentialTypes.UserPassword, keys.WebshareProxyPassword) { Username = keys.WebshareProxyUsername },
            SystemCredentials.Proxy => null,
            var provider when keys.ApiKeys.GetValueOrDefault(provider) is { Length: > 0 } key => new Credential(pair.Value, provider, CredentialTypes.ApiKey, key),
            // Any text does: its servers ask for no key.
            SystemCredentials.Ollama => new Credential(pair.Value, pair.Key, CredentialTypes.ApiKey, "ollama"),
            _ => null,
        }).OfType<Credential>().ToList();
        All = all;
        _byId = all.ToFrozenDictionary(credential => credential.Id, StringComparer.OrdinalIgnoreCase);
        Providers = all.Select(credential => credential.Provider).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>All of them, in the order of the contract.</summary>
    public IReadOnlyList<Credential> All { get; }

    /// <summary>The providers that have a credential here.</summary>
    public IReadOnlySet<string> Providers { get; }

    /// <summary>The credential of an id, or null.</summary>
    /// <param name="credentialId">The id; upper and lower case are the same.</param>
    public Credential? Find(string credentialId) => _byId.GetValueOrDefault(credentialId);

    /// <summary>The label of a credential of the platform.</summary>
    /// <param name="provider">Its provider.</param>
    public static string TitleOf(string provider) => $"Use Credits for {provider}";
}
