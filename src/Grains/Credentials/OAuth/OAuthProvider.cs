using System.Collections.Immutable;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>A provider of OAuth 2 as data (contract: semantics 4.6). What a provider does in a way of its own is in its <see cref="OAuthDialect"/>.</summary>
/// <param name="Name">The name in the contract, for example <c>github</c>.</param>
/// <param name="Authorize">The page on which users grant access.</param>
/// <param name="Token">The endpoint that exchanges codes and refresh tokens (RFC 6749, section 3.2).</param>
internal sealed record OAuthProvider(string Name, Uri Authorize, Uri Token)
{
    /// <summary>The endpoint that tells who the user is; null when the answer of <see cref="Token"/> does.</summary>
    public Uri? User { get; init; }

    /// <summary>The path of the user's name in the answer of <see cref="User"/>, with dots between the members; members are tried from left to right at each <c>|</c>.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The endpoint that revokes tokens (RFC 7009); null when the provider has none.</summary>
    public Uri? Revoke { get; init; }

    /// <summary>Whether the refresh token is revoked, which ends its access tokens as well (RFC 7009, section 2.1); else the access token.</summary>
    public bool RevokesRefreshToken { get; init; }

    /// <summary>Whether the PKCE challenge is sent (RFC 7636).</summary>
    public bool SendsPkce { get; init; }

    /// <summary>The scopes that are asked for when the user names none.</summary>
    public ImmutableArray<string> DefaultScopes { get; init; } = [];

    /// <summary>Which of the asked scopes and the default ones are sent.</summary>
    public ScopeRule Scopes { get; init; } = ScopeRule.Asked;

    /// <summary>What stands between two scopes in the address.</summary>
    public string ScopeSeparator { get; init; } = " ";

    /// <summary>More parameters of the page.</summary>
    public ImmutableArray<KeyValuePair<string, string>> AuthorizeParameters { get; init; } = [];

    /// <summary>Whether client id and secret are sent as basic authentication; else they are parameters of the request.</summary>
    public bool SendsBasicAuthentication { get; init; }

    /// <summary>Whether requests for tokens have a JSON body; else a form.</summary>
    public bool SendsJson { get; init; }

    /// <summary>Whether a login without a refresh token is refused.</summary>
    public bool NeedsRefreshToken { get; init; }

    /// <summary>Whether tokens can be refreshed when there is a refresh token.</summary>
    public bool CanRefresh { get; init; }

    /// <summary>What the provider does in a way of its own.</summary>
    public OAuthDialect Dialect { get; init; } = new();
}

/// <summary>Which scopes a login asks for.</summary>
internal enum ScopeRule
{
    /// <summary>Those that the user asked for, or the default ones when there are none.</summary>
    Asked,

    /// <summary>The default ones and those that the user asked for.</summary>
    DefaultAndAsked,

    /// <summary>The default ones, whatever the user asked for.</summary>
    Default,
}
