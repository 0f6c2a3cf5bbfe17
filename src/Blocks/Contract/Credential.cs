using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;

namespace Grainflow.Blocks.Contract;

/// <summary>The secret for one credentials pin during one node execution (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">The provider, for example <c>openai</c>.</param>
/// <param name="Type">One of <see cref="CredentialTypes"/>.</param>
/// <param name="Secret">The API key, access token or password; empty for host-scoped credentials. It must not be logged or emitted.</param>
[DebuggerDisplay("{Provider} {Type} {Id}")]
public sealed record Credential(string Id, string Provider, string Type, string Secret)
{
    /// <summary>The user name: of <c>user_password</c> always, of <c>oauth2</c> when the provider told it, else null.</summary>
    public string? Username { get; init; }

    /// <summary>The host, or <c>*.domain</c>, that host-scoped credentials are valid for; null for other types.</summary>
    public string? Host { get; init; }

    /// <summary>The request headers of host-scoped credentials, whose values are secrets; empty for other types.</summary>
    public ImmutableDictionary<string, string> Headers { get; init; } = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The address of the MCP server that the credential is for; null for other providers, and when nobody has said it.</summary>
    public string? ServerUrl { get; init; }

    /// <summary>The address of the user's own model server in the place of the provider's; null for none. It is not trusted (<see cref="Ai.CredentialBaseUrl"/>).</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The granted scopes of <c>oauth2</c>; empty for other types.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>The value of the Authorization header for a bearer credential.</summary>
    public string BearerHeader => "Bearer " + Secret;

    /// <summary>
    /// The value of the Authorization header: a bearer token, basic authentication, or the header of that name of host-scoped credentials. Linear takes its API key without
    /// a scheme. Empty when host-scoped credentials have no such header.
    /// </summary>
    public string AuthorizationHeader => Type switch
    {
        CredentialTypes.UserPassword => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Secret}")),
        CredentialTypes.HostScoped => Headers.GetValueOrDefault("Authorization", ""),
        CredentialTypes.ApiKey when Provider == "linear" => Secret,
        _ => BearerHeader,
    };

    /// <summary>
    /// Whether host-scoped credentials are valid for a host: it is the host of the credentials, or below their <c>*.domain</c> or that domain itself. Ports do not count
    /// (contract: semantics 4.1). Always false for other types.
    /// </summary>
    /// <param name="host">A host as an address has it, without port, in ASCII.</param>
    public bool CoversHost(string host)
    {
        if (Type != CredentialTypes.HostScoped || Host is not { Length: > 0 } pattern) return false;
        var isWildcard = pattern.StartsWith("*.", StringComparison.Ordinal);
        // The address of the pattern gives its host in ASCII and without a port.
        if (!Uri.TryCreate("http://" + (isWildcard ? pattern[2..] : pattern), UriKind.Absolute, out var address)) return false;
        var own = address.IdnHost;
        return host.Equals(own, StringComparison.OrdinalIgnoreCase) || (isWildcard && host.EndsWith("." + own, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A description without the secret, for logs.</summary>
    public override string ToString() => $"{Provider} {Type} {Id}";
}

/// <summary>The types of credentials (contract: semantics 4.1).</summary>
public static class CredentialTypes
{
    /// <summary>A key that the provider issued.</summary>
    public const string ApiKey = "api_key";

    /// <summary>Tokens of an OAuth 2 authorization.</summary>
    public const string OAuth2 = "oauth2";

    /// <summary>A user name and a password.</summary>
    public const string UserPassword = "user_password";

    /// <summary>Request headers for one host.</summary>
    public const string HostScoped = "host_scoped";
}

/// <summary>The value of a credentials pin, which names a credential without its secret (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">The provider, for example <c>openai</c>.</param>
/// <param name="Type">The type of credential, for example <c>api_key</c>.</param>
/// <param name="Title">The label that the user gave it, or null.</param>
public sealed record CredentialsReference(string Id, string Provider, string Type, string? Title = null);
