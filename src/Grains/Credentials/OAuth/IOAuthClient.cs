using System.Collections.Immutable;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>Speaks OAuth 2 with the providers of the contract (semantics 4.6).</summary>
public interface IOAuthClient
{
    /// <summary>Whether a provider can be logged in to here.</summary>
    /// <param name="provider">The provider's name, for example <c>github</c>.</param>
    OAuthSupport Support(string provider);

    /// <summary>The address to which the user is sent to grant access.</summary>
    /// <param name="login">The login, whose provider is configured.</param>
    Uri LoginUrl(OAuthLogin login);

    /// <summary>Exchanges the code that the provider gave to the user for tokens, and asks the provider for the name of the user.</summary>
    /// <param name="login">The login, as it was begun.</param>
    /// <param name="code">The code.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OAuthException">The provider refused, or cannot be reached.</exception>
    Task<OAuthTokens> ExchangeAsync(OAuthLogin login, string code, CancellationToken cancellationToken);

    /// <summary>Whether tokens of a provider can be refreshed.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="tokens">The present tokens.</param>
    bool CanRefresh(string provider, OAuthTokens tokens);

    /// <summary>Replaces tokens by new ones. The provider may make the old refresh token invalid by it, so the answer must be stored before it is used.</summary>
    /// <param name="provider">The provider, which is configured.</param>
    /// <param name="tokens">The present tokens.</param>
    /// <param name="cancellationToken">Cancels the request. Whether the provider has received it is then unknown.</param>
    /// <exception cref="OAuthException">The provider refused, or cannot be reached.</exception>
    Task<OAuthTokens> RefreshAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken);

    /// <summary>Revokes tokens at the provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when the provider has no revocation.</returns>
    /// <exception cref="OAuthException">The provider refused, or cannot be reached.</exception>
    Task<bool> RevokeAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken);
}

/// <summary>Whether a provider can be logged in to.</summary>
public enum OAuthSupport
{
    /// <summary>The provider has no OAuth login.</summary>
    Unknown,

    /// <summary>The client id or secret of the provider is not among the settings.</summary>
    NotConfigured,

    /// <summary>The provider can be logged in to.</summary>
    Configured,

    /// <summary>The name stands for many servers, each of which registers a client for a login; the tokens say which (<see cref="OAuthTokens.Registration"/>).</summary>
    ByRegistration,
}

/// <summary>One login of a user at a provider, from the first redirect to the exchange of the code.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Scopes">The scopes that the user asked for; empty for the defaults of the provider.</param>
/// <param name="State">The one-time token that comes back with the code.</param>
/// <param name="CodeVerifier">The PKCE verifier of 128 characters (RFC 7636). It is a secret until the code is exchanged.</param>
/// <param name="RedirectUri">Where the provider sends the user back to, exactly as registered.</param>
public sealed record OAuthLogin(string Provider, ImmutableArray<string> Scopes, string State, string CodeVerifier, Uri RedirectUri)
{
    /// <summary>A description without the secrets, for logs.</summary>
    public override string ToString() => $"login at {Provider}";
}

/// <summary>The tokens that a provider granted.</summary>
public sealed record OAuthTokens
{
    /// <summary>The access token, a secret.</summary>
    public required string AccessToken { get; init; }

    /// <summary>When the access token expires, in seconds since 1970; null when it does not.</summary>
    public long? AccessTokenExpiresAt { get; init; }

    /// <summary>The refresh token, a secret; null when there is none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>When the refresh token expires, in seconds since 1970; null when it does not, or the provider does not say.</summary>
    public long? RefreshTokenExpiresAt { get; init; }

    /// <summary>The scopes that were granted.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>The user's name at the provider, or null.</summary>
    public string? Username { get; init; }

    /// <summary>What else the provider told, a JSON object that contains no secret.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The client that they were granted to, where it was registered for this login; null for the platform's own clients.</summary>
    public OAuthRegistration? Registration { get; init; }

    /// <summary>A description without the secrets, for logs.</summary>
    public override string ToString() => $"tokens of {Username ?? "a user"}";
}

/// <summary>A provider refused a request of OAuth, or could not be reached. The message contains no secret.</summary>
public sealed class OAuthException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the provider said, or why it could not be asked.</param>
    /// <param name="isPassing">Whether the same request may succeed later.</param>
    /// <param name="innerException">The error behind it, or null.</param>
    public OAuthException(string message, bool isPassing, Exception? innerException = null)
        : base(message, innerException) => IsPassing = isPassing;

    /// <summary>Whether the same request may succeed later: no connection, time-out, status 429 or 5xx. Otherwise the grant is gone and the user has to log in again.</summary>
    public bool IsPassing { get; }
}
