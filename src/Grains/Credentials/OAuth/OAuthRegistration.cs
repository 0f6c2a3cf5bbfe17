using System.Text.Json;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>
/// A client that an authorization server has registered for one login (RFC 7591), and what its tokens are refreshed and revoked with. It is sealed with the tokens, so that nobody who can
/// write to the database can have them sent elsewhere.
/// </summary>
public sealed record OAuthRegistration
{
    /// <summary>The method of a client without a secret.</summary>
    public const string NoSecret = "none";

    /// <summary>The method of a client whose secret is a parameter of each request (RFC 6749, section 2.3.1).</summary>
    public const string SecretInBody = "client_secret_post";

    /// <summary>The method of a client whose secret is sent as basic authentication (RFC 6749, section 2.3.1).</summary>
    public const string SecretInHeader = "client_secret_basic";

    /// <summary>The authorization server, as its metadata names it (RFC 8414, section 2).</summary>
    public required string Issuer { get; init; }

    /// <summary>The endpoint that exchanges codes and refresh tokens.</summary>
    public required Uri Token { get; init; }

    /// <summary>The endpoint that revokes tokens (RFC 7009); null when there is none.</summary>
    public Uri? Revoke { get; init; }

    /// <summary>The id of the client.</summary>
    public required string ClientId { get; init; }

    /// <summary>The secret of the client; null when it has none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>How the client proves who it is: <see cref="NoSecret"/>, <see cref="SecretInBody"/> or <see cref="SecretInHeader"/>.</summary>
    public string Method { get; init; } = NoSecret;

    /// <summary>What the tokens are for (RFC 8707); null when the server does not name itself.</summary>
    public string? Resource { get; init; }

    /// <summary>The registration as JSON, a secret.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    /// <param name="json">The registration as JSON.</param>
    public static OAuthRegistration Parse(string json) => JsonSerializer.Deserialize<OAuthRegistration>(json)!;

    /// <summary>A description without the secret, for logs.</summary>
    public override string ToString() => $"client of {Issuer}";
}
