using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials.OAuth;

namespace Grainflow.Grains.Mcp;

/// <summary>
/// Finds where users of an MCP server log in, and registers a client there (MCP 2025-06-18, "Authorization"). What it reads was written by strangers: every request goes through the guarded
/// client, documents are bounded, and one that speaks for another server is passed over.
/// </summary>
/// <param name="http">Sends the requests.</param>
internal sealed partial class McpAuthorizations(IOutgoingHttp http)
{
    /// <summary>The id of the client at authorization servers that register none by themselves; their administrator may know it.</summary>
    public const string UnregisteredId = "grainflow";

    private const string Registering = "register a client";

    /// <summary>A server that names more authorization servers is not asked about the rest.</summary>
    private const int MostIssuers = 3;

    private static readonly string[] GrantTypes = ["authorization_code", "refresh_token"];
    private static readonly string[] ResponseTypes = ["code"];
    private static readonly string[] KnownMethods = [OAuthRegistration.NoSecret, OAuthRegistration.SecretInBody, OAuthRegistration.SecretInHeader];

    /// <summary>Finds where users of a server log in.</summary>
    /// <param name="server">The address of the MCP server.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Null when the server does not tell, so that a token has to be given by hand.</returns>
    /// <exception cref="OAuthException">The server cannot be reached, or its authorization server cannot be used.</exception>
    public async Task<McpAuthorization?> FindAsync(Uri server, CancellationToken cancellationToken)
    {
        var (address, scopes) = await ChallengeAsync(server, cancellationToken);
        JsonElement? resource = null;
        foreach (var place in ResourcePlaces(server, address))
        {
            if (await DocumentAsync(place, cancellationToken) is not { } document || !McpAuthorization.IsResource(server, document)) continue;
            resource = document;
            break;
        }

        // Servers of before RFC 9728 are their own authorization server (MCP 2025-03-26).
        var issuers = resource is { } named && McpAuthorization.Texts(named, "authorization_servers") is { Count: > 0 } given ? given : [server.GetLeftPart(UriPartial.Authority)];
        foreach (var issuer in issuers.Take(MostIssuers))
        {
            foreach (var place in IssuerPlaces(issuer))
            {
                if (await DocumentAsync(place, cancellationToken) is { } document && McpAuthorization.IsIssuer(issuer, document) && McpAuthorization.Read(server, issuer, document, resource, scopes) is { } found)
                    return found;
            }
        }

        return null;
    }

    /// <summary>Registers a client for one login (RFC 7591); the server keeps it. Where clients are not registered by themselves it is <see cref="UnregisteredId"/>.</summary>
    /// <param name="found">Where the user logs in.</param>
    /// <param name="redirect">Where the user is sent back to.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OAuthException">The server refused, or cannot be reached.</exception>
    public async Task<OAuthRegistration> RegisterAsync(McpAuthorization found, Uri redirect, CancellationToken cancellationToken)
    {
        var client = new OAuthRegistration { Issuer = found.Issuer, Token = found.Token, Revoke = found.Revoke, ClientId = UnregisteredId, Resource = found.Resource };
        if (found.Register is not { } address) return client;
        // RFC 8414, section 2: a server that does not say takes basic authentication.
        var asked = KnownMethods.FirstOrDefault(found.Methods.Contains) ?? OAuthRegistration.SecretInHeader;
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = JsonContent.Create(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["client_name"] = "Grainflow",
                ["application_type"] = "web",
                ["redirect_uris"] = new[] { redirect.OriginalString },
                ["grant_types"] = GrantTypes,
                ["response_types"] = ResponseTypes,
                ["token_endpoint_auth_method"] = asked,
            }),
            Headers = { Accept = { new("application/json") } },
        };
        request.Options.Set(OutgoingRequest.StaysAtAddress, true);
        var (reply, answer) = await OAuthRequests.SendAsync(http, request, address.Host, Registering, cancellationToken);
        if (!reply.IsSuccess || answer?.Member("client_id") is not { ValueKind: JsonValueKind.String } id) throw OAuthRequests.Refusal(address.Host, Registering, reply, answer);
        var secret = answer.Value.Member("client_secret") is { ValueKind: JsonValueKind.String } given && given.GetString() is { Length: > 0 } text ? text : null;
        var method = answer.Value.Member("token_endpoint_auth_method") is { ValueKind: JsonValueKind.String } chosen ? chosen.GetString()! : asked;
        if (secret is not null && method == OAuthRegistration.NoSecret) method = OAuthRegistration.SecretInBody;
        if (secret is null) method = OAuthRegistration.NoSecret;
        if (!KnownMethods.Contains(method, StringComparer.Ordinal)) throw new OAuthException($"{address.Host} wants clients to prove who they are by '{method}', which is not supported.", isPassing: false);
        return client with { ClientId = id.GetString()!, ClientSecret = secret, Method = method };
    }

    /// <summary>What the server says when it is asked without a token: where its metadata is, and which scopes it wants (RFC 9728, section 5.1).</summary>
    private async Task<(Uri? Address, IReadOnlyList<string> Scopes)> ChallengeAsync(Uri server, CancellationToken cancellationToken)
    {
        // A ping begins no session, should the server want no token.
        using var request = new HttpRequestMessage(HttpMethod.Post, server)
        {
            Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            Headers = { Accept = { new("application/json"), new("text/event-stream") } },
        };
        var (reply, _) = await OAuthRequests.SendAsync(http, request, $"The MCP server at {server.Host}", "name its metadata", cancellationToken);
        var challenge = reply.Headers.GetValueOrDefault("WWW-Authenticate", "");
        return (Uri.TryCreate(Parameter(challenge, "resource_metadata"), UriKind.Absolute, out var address) ? address : null, Parameter(challenge, "scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []);
    }

    private static string? Parameter(string challenge, string name) =>
        ChallengeParameter().Matches(challenge).Where(match => match.Groups["name"].Value.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(match => match.Groups["value"].Value).FirstOrDefault();

    /// <summary>Where the metadata of a server may be: where it says, and at the well-known places of its path and of its host (RFC 9728, section 3.1).</summary>
    private static IEnumerable<Uri> ResourcePlaces(Uri server, Uri? address)
    {
        if (address is not null) yield return address;
        if (server.AbsolutePath.TrimEnd('/') is { Length: > 0 } path) yield return new Uri(server, "/.well-known/oauth-protected-resource" + path);
        yield return new Uri(server, "/.well-known/oauth-protected-resource");
    }

    /// <summary>Where the metadata of an authorization server may be (RFC 8414, sections 3.1 and 5).</summary>
    private static IEnumerable<Uri> IssuerPlaces(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) yield break;
        var path = address.AbsolutePath.TrimEnd('/');
        yield return new Uri(address, "/.well-known/oauth-authorization-server" + path);
        yield return new Uri(address, "/.well-known/openid-configuration" + path);
        if (path.Length > 0) yield return new Uri(address, path + "/.well-known/openid-configuration");
    }

    /// <summary>The JSON object at an address; null when there is none, or it cannot be read.</summary>
    private async Task<JsonElement?> DocumentAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new("application/json") } } };
        try
        {
            var (reply, json) = await OAuthRequests.SendAsync(http, request, address.Host, "give metadata", cancellationToken);
            return reply.IsSuccess && json is { ValueKind: JsonValueKind.Object } ? json : null;
        }
        catch (OAuthException)
        {
            // The next place may have it; when none has, the caller says so.
            return null;
        }
    }

    [GeneratedRegex("""(?<name>[a-z_]+)\s*=\s*(?:"(?<value>[^"]*)"|(?<value>[^\s",]+))""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ChallengeParameter();
}
