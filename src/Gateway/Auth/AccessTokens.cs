using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Grainflow.Gateway.Auth;

/// <summary>
/// Reads user tokens: signed JWTs for the audience <c>authenticated</c> (contract: semantics 0). With auth off every token, and none, names
/// the default user as admin (decision 3).
/// </summary>
public sealed class AccessTokens : IDisposable
{
    private const string Audience = "authenticated";
    private const int LongestToken = 16 * 1024;

    private static readonly Caller DefaultUser = new(GatewayOptions.DefaultUserId, Caller.AdminRole, GatewayOptions.DefaultUserEmail);

    private readonly bool _enabled;
    private readonly string? _issuer;
    private readonly TimeProvider _clock;
    private readonly TokenKeys? _keys;
    private readonly IssuerKeys? _issuerKeys;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    /// <summary>Reads the keys of the settings; those of an issuer are read with the first token.</summary>
    /// <param name="options">Keys, algorithms and issuer.</param>
    /// <param name="clock">Decides which tokens have expired.</param>
    /// <param name="logger">Takes failures to read an issuer's keys.</param>
    /// <exception cref="FormatException">The settings do not fit together; the validation of <see cref="GatewayOptions"/> says so before.</exception>
    public AccessTokens(IOptions<GatewayOptions> options, TimeProvider clock, ILogger<AccessTokens> logger)
    {
        var settings = options.Value;
        (_enabled, _issuer, _clock) = (settings.EnableAuth, settings.JwtIssuer, clock);
        if (!_enabled) return;
        _keys = TokenKeys.Read(settings.JwtSignAlgorithm, settings.JwtVerifyKey, settings.JwtJwksUrl);
        if (settings.JwtJwksUrl is { } address) _issuerKeys = new IssuerKeys(address, clock, logger);
    }

    /// <summary>Reads a token, after the keys of its issuer where those have to be read first.</summary>
    /// <param name="token">The token itself, without a scheme; null or empty when there is none.</param>
    /// <param name="cancellationToken">Gives up waiting for the issuer.</param>
    public async ValueTask<TokenResult> ReadAsync(string? token, CancellationToken cancellationToken)
    {
        if (!_enabled) return new TokenResult(DefaultUser, default, "");
        if (string.IsNullOrEmpty(token)) return new TokenResult(null, TokenFailure.Missing, "Authorization header is missing");
        if (token.Length > LongestToken) return Invalid("it is too long");
        if (token.Count('.') != 2) return Invalid("not enough segments");
        JsonWebToken parsed;
        try
        {
            parsed = new JsonWebToken(token);
        }
        catch (ArgumentException)
        {
            return Invalid("it cannot be read");
        }

        if (!_keys!.Algorithms.Contains(parsed.Alg, StringComparer.Ordinal)) return Invalid("the algorithm is not allowed");
        // RFC 7515, 4.1.11: a token whose header marks an extension as critical must be refused where the extension is not known. None is known here.
        if (parsed.TryGetHeaderValue<object>("crit", out _)) return Invalid("it needs an extension that is not known");
        if (await KeysAsync(parsed, cancellationToken) is not { } keys)
            return new TokenResult(null, TokenFailure.Unverifiable, "The token cannot be checked now: the keys of its issuer cannot be read. Try again later.");
        if (keys.Count == 0) return Invalid("signature verification failed");
        var result = await _handler.ValidateTokenAsync(parsed, Rules(keys));
        return result.IsValid ? Alive(parsed) : Refused(result.Exception);
    }

    /// <summary>Ends the connections to the issuer.</summary>
    public void Dispose() => _issuerKeys?.Dispose();

    private static TokenResult Invalid(string why) => new(null, TokenFailure.Invalid, $"Invalid token: {why}");

    // The algorithm decides where the key comes from: a public key is never tried as a secret, nor a secret as a public key.
    private ValueTask<IReadOnlyList<SecurityKey>?> KeysAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        if (TokenKeys.IsSymmetric(token.Alg)) return new([_keys!.Secret!]);
        return _issuerKeys is null ? new([_keys!.PublicKey!]) : _issuerKeys.FindAsync(token.Kid, cancellationToken);
    }

    private TokenValidationParameters Rules(IReadOnlyList<SecurityKey> keys) => new()
    {
        ValidAlgorithms = _keys!.Algorithms,
        IssuerSigningKeys = keys,
        ValidAudience = Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidateIssuer = _issuer is not null,
        ValidIssuer = _issuer,
        ValidateLifetime = false,
        IncludeTokenOnFailedValidation = false,
    };

    private static TokenResult Refused(Exception failure) => failure switch
    {
        SecurityTokenInvalidAudienceException => Invalid("audience doesn't match"),
        SecurityTokenInvalidIssuerException => Invalid("issuer doesn't match"),
        SecurityTokenInvalidSignatureException => Invalid("signature verification failed"),
        _ => Invalid("it cannot be read"),
    };

    // The library would read the clock of the machine, allow five minutes more than the contract's reference, and tell of the times of a token
    // whose signature is wrong.
    private TokenResult Alive(JsonWebToken token)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        if (token.TryGetPayloadValue<object>("exp", out _) && token.ValidTo <= now) return new TokenResult(null, TokenFailure.Invalid, "Token has expired");
        return token.ValidFrom > now ? Invalid("it is not yet valid") : Named(token);
    }

    private static TokenResult Named(JsonWebToken token) => token.Subject is { Length: > 0 } subject
        ? new TokenResult(new Caller(subject, Text(token, "role"), Text(token, "email")), default, "")
        : new TokenResult(null, TokenFailure.NoSubject, "User ID not found in token");

    // A claim of another kind, such as a list of roles, is none: the library would turn it into text.
    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<object>(claim, out var value) ? value as string : null;
}
