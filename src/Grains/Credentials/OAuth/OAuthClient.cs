using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Mcp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Credentials.OAuth;

/// <inheritdoc cref="IOAuthClient"/>
/// <remarks>Requests go to the addresses of <see cref="OAuthProviders"/> or of the settings only, redirects are not followed, and answers are bounded.</remarks>
internal sealed partial class OAuthClient : IOAuthClient, IDisposable
{
    private const int MostAnswerBytes = 256 * 1024;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly OAuthOptions _options;
    private readonly TimeProvider _clock;
    private readonly RegisteredOAuthClient _registered;
    private readonly ILogger<OAuthClient> _logger;
    private readonly HttpClient _http;

    /// <summary>Creates the client.</summary>
    /// <param name="options">The clients at the providers.</param>
    /// <param name="registered">Refreshes and revokes the tokens of clients that were registered for one login.</param>
    /// <param name="clock">The clock that expiries are computed with.</param>
    /// <param name="logger">The log.</param>
    public OAuthClient(IOptions<OAuthOptions> options, RegisteredOAuthClient registered, TimeProvider clock, ILogger<OAuthClient> logger)
    {
        _options = options.Value;
        _registered = registered;
        _clock = clock;
        _logger = logger;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = AnswerLimit,
            MaxResponseContentBufferSize = MostAnswerBytes,
            DefaultRequestHeaders = { { "User-Agent", "Grainflow" } },
        };
    }

    /// <inheritdoc/>
    public OAuthSupport Support(string provider)
    {
        if (provider == McpCredentials.Provider) return OAuthSupport.ByRegistration;
        if (!OAuthProviders.All.ContainsKey(provider)) return OAuthSupport.Unknown;
        return _options.Clients.GetValueOrDefault(provider) is { Id.Length: > 0, Secret.Length: > 0 } ? OAuthSupport.Configured : OAuthSupport.NotConfigured;
    }

    /// <inheritdoc/>
    public Uri LoginUrl(OAuthLogin login)
    {
        var (provider, client) = Find(login.Provider);
        var scopes = string.Join(provider.ScopeSeparator, Scopes(provider, login.Scopes));
        List<KeyValuePair<string, string>> parameters = [new("client_id", client.Id), new("redirect_uri", login.RedirectUri.OriginalString), new("response_type", "code")];
        if (scopes.Length > 0) parameters.Add(new("scope", scopes));
        parameters.Add(new("state", login.State));
        if (provider.SendsPkce) parameters.AddRange([new("code_challenge", Challenge(login.CodeVerifier)), new("code_challenge_method", "S256")]);
        parameters.AddRange(provider.AuthorizeParameters);
        var query = string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        return new Uri($"{At(provider, provider.Authorize)}?{query}");
    }

    /// <inheritdoc/>
    public async Task<OAuthTokens> ExchangeAsync(OAuthLogin login, string code, CancellationToken cancellationToken)
    {
        var (provider, client) = Find(login.Provider);
        List<KeyValuePair<string, string>> parameters = [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", login.RedirectUri.OriginalString)];
        if (provider.SendsPkce) parameters.Add(new("code_verifier", login.CodeVerifier));
        var answer = await TokenAsync(provider, client, parameters, cancellationToken);
        var tokens = Read(provider, answer, new OAuthTokens { AccessToken = "", Scopes = Scopes(provider, login.Scopes) });
        if (provider.NeedsRefreshToken && tokens.RefreshToken is null)
            throw new OAuthException($"{provider.Name} granted no refresh token, which is needed; remove the access of this application at {provider.Name} and log in again.", isPassing: false);
        try
        {
            return tokens with { Username = await UserNameAsync(provider, answer, tokens.AccessToken, cancellationToken) };
        }
        catch (OAuthException exception)
        {
            // The code is used up, so the tokens are kept without the name.
            NameUnknown(exception, provider.Name);
            return tokens;
        }
    }

    /// <inheritdoc/>
    public bool CanRefresh(string provider, OAuthTokens tokens) =>
        tokens.RefreshToken is not null && (tokens.Registration is not null || OAuthProviders.All.GetValueOrDefault(provider) is { CanRefresh: true });

    /// <inheritdoc/>
    public async Task<OAuthTokens> RefreshAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        if (tokens is { Registration: not null, RefreshToken: not null }) return await _registered.RefreshAsync(tokens, cancellationToken);
        var (known, client) = Find(provider);
        if (!CanRefresh(provider, tokens)) throw new OAuthException($"Tokens of {provider} cannot be refreshed; log in again.", isPassing: false);
        var answer = await TokenAsync(known, client, [new("grant_type", "refresh_token"), new("refresh_token", tokens.RefreshToken!)], cancellationToken);
        var fresh = Read(known, answer, tokens);
        // A scope that is missing in the answer is still granted: providers answer the scopes of this access token, or none.
        return fresh with { Scopes = [.. tokens.Scopes.Union(fresh.Scopes, StringComparer.Ordinal)], Username = tokens.Username, Metadata = tokens.Metadata };
    }

    /// <inheritdoc/>
    public async Task<bool> RevokeAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        if (tokens.Registration is not null) return await _registered.RevokeAsync(tokens, cancellationToken);
        if (OAuthProviders.All.GetValueOrDefault(provider) is not { Revoke: { } address }) return false;
        var (known, client) = Find(provider);
        var token = known.RevokesRefreshToken ? tokens.RefreshToken ?? tokens.AccessToken : tokens.AccessToken;
        using var request = known.Dialect.Revoke(At(known, address), client, token, known.SendsBasicAuthentication);
        // A token that the provider does not know any more is revoked.
        using var answer = await SendAsync(known, request, "revoke the token", cancellationToken, allowed: HttpStatusCode.NotFound);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private (OAuthProvider Provider, OAuthClientKey Client) Find(string name) => Support(name) == OAuthSupport.Configured
        ? (OAuthProviders.All[name], _options.Clients[name])
        : throw new OAuthException($"OAuth of {name} is not configured here: {name.ToUpperInvariant()}_CLIENT_ID and {name.ToUpperInvariant()}_CLIENT_SECRET.", isPassing: false);

    private Uri At(OAuthProvider provider, Uri address) =>
        _options.Bases.GetValueOrDefault(provider.Name) is { } other ? new Uri(other.GetLeftPart(UriPartial.Authority) + address.PathAndQuery) : address;

    private static ImmutableArray<string> Scopes(OAuthProvider provider, ImmutableArray<string> asked) => provider.Scopes switch
    {
        ScopeRule.Default => provider.DefaultScopes,
        ScopeRule.DefaultAndAsked => [.. provider.DefaultScopes.Union(asked, StringComparer.Ordinal)],
        _ => asked.IsEmpty ? provider.DefaultScopes : asked,
    };

    /// <summary>The S256 challenge of a verifier, without padding (RFC 7636, section 4.2).</summary>
    internal static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private async Task<JsonElement> TokenAsync(OAuthProvider provider, OAuthClientKey client, List<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        if (!provider.SendsBasicAuthentication) parameters.AddRange([new("client_id", client.Id), new("client_secret", client.Secret)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, At(provider, provider.Token))
        {
            Content = provider.SendsJson ? JsonContent.Create(parameters.ToDictionary(StringComparer.Ordinal)) : new FormUrlEncodedContent(parameters),
            Headers = { Accept = { new("application/json") }, Authorization = provider.SendsBasicAuthentication ? OAuthDialect.Basic(client) : null },
        };
        using var answer = await SendAsync(provider, request, "give tokens", cancellationToken);
        return await JsonAsync(provider, answer, "give tokens", cancellationToken);
    }

    private async Task<string?> UserNameAsync(OAuthProvider provider, JsonElement answer, string accessToken, CancellationToken cancellationToken)
    {
        if (provider.User is not null)
        {
            using var request = provider.Dialect.User(At(provider, provider.User), accessToken);
            using var user = await SendAsync(provider, request, "tell who the user is", cancellationToken);
            answer = await JsonAsync(provider, user, "tell who the user is", cancellationToken);
        }

        return provider.UserName.Split('|')
            .Select(path => path.Split('.').Aggregate((JsonElement?)answer, (value, member) => value?.Member(member)))
            .OfType<JsonElement>().Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()).FirstOrDefault(name => !string.IsNullOrEmpty(name));
    }

    private OAuthTokens Read(OAuthProvider provider, JsonElement answer, OAuthTokens before) =>
        TokenAnswer.Read(provider.Name, answer, before, _clock.GetUtcNow()) with { Metadata = provider.Dialect.Metadata(answer).ToJsonString() };

    private async Task<HttpResponseMessage> SendAsync(OAuthProvider provider, HttpRequestMessage request, string what, CancellationToken cancellationToken, HttpStatusCode? allowed = null)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new OAuthException($"{provider.Name} could not be asked to {what}: {exception.HttpRequestError}.", isPassing: true, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OAuthException($"{provider.Name} did not {what} within {AnswerLimit.TotalSeconds} seconds.", isPassing: true, exception);
        }

        if (answer.IsSuccessStatusCode || answer.StatusCode == allowed) return answer;
        using (answer)
        {
            var isPassing = (int)answer.StatusCode >= 500 || answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
            throw new OAuthException($"{provider.Name} did not {what}: status {(int)answer.StatusCode}{await ErrorAsync(answer, cancellationToken)}.", isPassing);
        }
    }

    private static async Task<JsonElement> JsonAsync(OAuthProvider provider, HttpResponseMessage answer, string what, CancellationToken cancellationToken)
    {
        JsonElement json;
        try
        {
            json = JsonValues.ParseUtf8(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (JsonException exception)
        {
            throw new OAuthException($"{provider.Name} did not {what}: its answer is not JSON.", isPassing: true, exception);
        }

        if (json.ValueKind != JsonValueKind.Object) throw new OAuthException($"{provider.Name} did not {what}: its answer is not an object.", isPassing: true);
        // GitHub answers refusals with status 200.
        return TokenAnswer.Error(json) is { } error ? throw new OAuthException($"{provider.Name} did not {what}: {error}.", isPassing: false) : json;
    }

    /// <summary>The error code of an answer, without its description, which may repeat what was sent.</summary>
    private static async Task<string> ErrorAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var json = JsonValues.ParseUtf8(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return TokenAnswer.Error(json) is { } error ? $", {error}" : "";
        }
        catch (JsonException)
        {
            // The status tells enough.
            return "";
        }
    }

    [LoggerMessage(3000, LogLevel.Warning, "A login at {Provider} has no user name.")]
    private partial void NameUnknown(OAuthException exception, string provider);
}
