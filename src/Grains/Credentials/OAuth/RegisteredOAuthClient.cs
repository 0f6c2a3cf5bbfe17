using System.Text.Json;
using Grainflow.Blocks.Http;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>
/// Exchanges, refreshes and revokes the tokens of clients that were registered for one login. Its addresses come from documents of servers that users name, so every request goes through the
/// guarded client, and none that carries a secret follows a redirect.
/// </summary>
/// <param name="http">Sends the requests.</param>
/// <param name="clock">The clock that expiries are computed with.</param>
internal sealed class RegisteredOAuthClient(IOutgoingHttp http, TimeProvider clock)
{
    /// <summary>Exchanges the code that the user has brought back for tokens (RFC 6749, section 4.1.3).</summary>
    /// <param name="client">The client.</param>
    /// <param name="login">The login, as it was begun.</param>
    /// <param name="code">The code.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OAuthException">The server refused, or cannot be reached.</exception>
    public Task<OAuthTokens> ExchangeAsync(OAuthRegistration client, OAuthLogin login, string code, CancellationToken cancellationToken) => TokensAsync(
        client,
        [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", login.RedirectUri.OriginalString), new("code_verifier", login.CodeVerifier)],
        new OAuthTokens { AccessToken = "", Scopes = login.Scopes },
        cancellationToken);

    /// <summary>Replaces tokens by new ones (RFC 6749, section 6).</summary>
    /// <param name="tokens">The present tokens, with their registration and a refresh token.</param>
    /// <param name="cancellationToken">Cancels the request. Whether the server has received it is then unknown.</param>
    /// <exception cref="OAuthException">The server refused, or cannot be reached.</exception>
    public async Task<OAuthTokens> RefreshAsync(OAuthTokens tokens, CancellationToken cancellationToken)
    {
        var fresh = await TokensAsync(tokens.Registration!, [new("grant_type", "refresh_token"), new("refresh_token", tokens.RefreshToken!)], tokens, cancellationToken);
        return fresh with { Scopes = [.. tokens.Scopes.Union(fresh.Scopes, StringComparer.Ordinal)], Metadata = tokens.Metadata };
    }

    /// <summary>Revokes tokens (RFC 7009). The refresh token ends its access tokens as well.</summary>
    /// <param name="tokens">The tokens, with their registration.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when the server has no revocation.</returns>
    /// <exception cref="OAuthException">The server refused, or cannot be reached.</exception>
    public async Task<bool> RevokeAsync(OAuthTokens tokens, CancellationToken cancellationToken)
    {
        if (tokens.Registration is not { Revoke: { } address } client) return false;
        using var request = Request(client, address, [new("token", tokens.RefreshToken ?? tokens.AccessToken), new("token_type_hint", tokens.RefreshToken is null ? "access_token" : "refresh_token")]);
        await SendAsync(client, request, "revoke the token", cancellationToken);
        return true;
    }

    private async Task<OAuthTokens> TokensAsync(OAuthRegistration client, List<KeyValuePair<string, string>> parameters, OAuthTokens before, CancellationToken cancellationToken)
    {
        if (client.Resource is { } resource) parameters.Add(new("resource", resource));
        using var request = Request(client, client.Token, parameters);
        var answer = await SendAsync(client, request, "give tokens", cancellationToken);
        if (answer is not { ValueKind: JsonValueKind.Object } json) throw new OAuthException($"{NameOf(client)} did not give tokens: its answer is not a JSON object.", isPassing: true);
        if (TokenAnswer.Error(json) is { } error) throw new OAuthException($"{NameOf(client)} did not give tokens: {error}.", isPassing: false);
        return TokenAnswer.Read(NameOf(client), json, before, clock.GetUtcNow()) with { Registration = client };
    }

    private static HttpRequestMessage Request(OAuthRegistration client, Uri address, List<KeyValuePair<string, string>> parameters)
    {
        if (client.Method != OAuthRegistration.SecretInHeader) parameters.Add(new("client_id", client.ClientId));
        if (client is { Method: OAuthRegistration.SecretInBody, ClientSecret: { } secret }) parameters.Add(new("client_secret", secret));
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(parameters), Headers = { Accept = { new("application/json") } } };
        if (client is { Method: OAuthRegistration.SecretInHeader, ClientSecret: { } password }) request.Headers.Authorization = OAuthDialect.Basic(new OAuthClientKey { Id = client.ClientId, Secret = password });
        request.Options.Set(OutgoingRequest.StaysAtAddress, true);
        return request;
    }

    /// <summary>Sends a request, and answers its JSON; null when the body is none.</summary>
    private async Task<JsonElement?> SendAsync(OAuthRegistration client, HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        var (reply, json) = await OAuthRequests.SendAsync(http, request, NameOf(client), what, cancellationToken);
        return reply.IsSuccess ? json : throw OAuthRequests.Refusal(NameOf(client), what, reply, json);
    }

    private static string NameOf(OAuthRegistration client) => client.Token.Host;
}
