using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials.OAuth;

namespace Grainflow.Grains.Mcp;

/// <summary>Where users of an MCP server log in: what the metadata of the server and of its authorization server say (RFC 9728 and RFC 8414).</summary>
internal sealed record McpAuthorization
{
    private const int MostScopes = 100;

    /// <summary>The authorization server.</summary>
    public required string Issuer { get; init; }

    /// <summary>The page on which users grant access.</summary>
    public required Uri Authorize { get; init; }

    /// <summary>The endpoint that exchanges codes and refresh tokens.</summary>
    public required Uri Token { get; init; }

    /// <summary>The endpoint that registers clients (RFC 7591); null when there is none.</summary>
    public Uri? Register { get; init; }

    /// <summary>The endpoint that revokes tokens (RFC 7009); null when there is none.</summary>
    public Uri? Revoke { get; init; }

    /// <summary>The scopes to ask for; empty for what the server grants by itself.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>What the tokens are for (RFC 8707); null when the MCP server does not name itself.</summary>
    public string? Resource { get; init; }

    /// <summary>Whether the server says who it is when it sends the user back (RFC 9207).</summary>
    public bool NamesItself { get; init; }

    /// <summary>How clients may prove who they are; empty when the server does not say.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>The address to which the user is sent to grant access (RFC 6749, section 4.1.1).</summary>
    /// <param name="client">The client.</param>
    /// <param name="login">The login.</param>
    public Uri LoginUrl(OAuthRegistration client, OAuthLogin login)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            new("response_type", "code"), new("client_id", client.ClientId), new("redirect_uri", login.RedirectUri.OriginalString), new("state", login.State),
            new("code_challenge", OAuthClient.Challenge(login.CodeVerifier)), new("code_challenge_method", "S256"),
        ];
        if (login.Scopes.Length > 0) parameters.Add(new("scope", string.Join(' ', login.Scopes)));
        if (client.Resource is { } resource) parameters.Add(new("resource", resource));
        var query = string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        return new UriBuilder(Authorize) { Query = Authorize.Query.Length > 1 ? $"{Authorize.Query}&{query}" : query }.Uri;
    }

    /// <summary>Reads the metadata of an authorization server; null when it has no endpoints for a login.</summary>
    /// <param name="server">The MCP server.</param>
    /// <param name="issuer">The authorization server, as it was named.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="resource">The metadata of the MCP server; null when it has none.</param>
    /// <param name="challenge">The scopes that the MCP server has asked for when it refused; empty for none.</param>
    /// <exception cref="OAuthException">An endpoint is less protected than the MCP server, or PKCE is not supported.</exception>
    public static McpAuthorization? Read(Uri server, string issuer, JsonElement metadata, JsonElement? resource, IReadOnlyList<string> challenge)
    {
        if (Endpoint(server, metadata, "authorization_endpoint") is not { } authorize || Endpoint(server, metadata, "token_endpoint") is not { } token) return null;
        var challenges = Texts(metadata, "code_challenge_methods_supported");
        if (challenges.Count > 0 && !challenges.Contains("S256", StringComparer.Ordinal)) throw new OAuthException($"The authorization server {issuer} does not support PKCE with S256, without which nobody is logged in.", isPassing: false);
        var scopes = challenge.Count > 0 ? challenge : resource is { } named && Texts(named, "scopes_supported") is { Count: > 0 } own ? own : Texts(metadata, "scopes_supported");
        return new McpAuthorization
        {
            Issuer = Text(metadata, "issuer") ?? issuer,
            Authorize = authorize,
            Token = token,
            Register = Endpoint(server, metadata, "registration_endpoint"),
            Revoke = Endpoint(server, metadata, "revocation_endpoint"),
            Scopes = [.. scopes.Where(scope => scope.Length > 0).Distinct(StringComparer.Ordinal).Take(MostScopes)],
            Resource = resource is { } known ? Text(known, "resource") : null,
            NamesItself = metadata.Member("authorization_response_iss_parameter_supported") is { ValueKind: JsonValueKind.True },
            Methods = [.. Texts(metadata, "token_endpoint_auth_methods_supported")],
        };
    }

    /// <summary>Whether a document is the metadata of the MCP server: its <c>resource</c> is the server, or what the server is below (RFC 9728, section 3.3).</summary>
    /// <param name="server">The MCP server.</param>
    /// <param name="document">The document.</param>
    public static bool IsResource(Uri server, JsonElement document) =>
        Uri.TryCreate(Text(document, "resource"), UriKind.Absolute, out var resource)
        && Uri.Compare(resource, server, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
        && (server.AbsolutePath.TrimEnd('/') + "/").StartsWith(resource.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Whether a document is the metadata of an authorization server (RFC 8414, section 3.3). A server that does not name itself claims to be no other.</summary>
    /// <param name="issuer">The server.</param>
    /// <param name="document">The document.</param>
    public static bool IsIssuer(string issuer, JsonElement document) => document.Member("issuer") is not { } named || (named.ValueKind == JsonValueKind.String && named.GetString()!.TrimEnd('/') == issuer.TrimEnd('/'));

    /// <summary>The texts of a list in a document; empty when there is none.</summary>
    /// <param name="document">The document.</param>
    /// <param name="name">The name of the list.</param>
    public static IReadOnlyList<string> Texts(JsonElement document, string name) => document.Member(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
        : [];

    private static string? Text(JsonElement document, string name) => document.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>An endpoint, null when it is not there. It is opened in browsers and gets secrets, so it is https, or http where the MCP server is.</summary>
    private static Uri? Endpoint(Uri server, JsonElement metadata, string name)
    {
        if (Text(metadata, name) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == "https" || endpoint.Scheme == server.Scheme) && endpoint.UserInfo.Length == 0) return endpoint;
        throw new OAuthException($"The authorization server of {server.Host} names '{text}' as its {name}, which is no https address.", isPassing: false);
    }
}
