using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Grainflow.Gateway.Auth;

/// <summary>
/// The algorithms that may sign user tokens, and their keys from the settings (contract: semantics 0). The HS algorithms are verified with a shared secret only,
/// never with a public key: everybody who knows the public key could sign tokens then.
/// </summary>
public sealed class TokenKeys
{
    private const string PemMark = "-----BEGIN ";
    private const string PublicKeyLabel = "PUBLIC KEY";
    private const int SmallestRsaBits = 2048;

    private static readonly string[] Known = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

    private TokenKeys(IReadOnlyList<string> algorithms, SecurityKey? secret, SecurityKey? publicKey) => (Algorithms, Secret, PublicKey) = (algorithms, secret, publicKey);

    /// <summary>The algorithms that are accepted, by their names in the header <c>alg</c>; at least one.</summary>
    public IReadOnlyList<string> Algorithms { get; }

    /// <summary>The key of the HS algorithms; null when none of them is accepted.</summary>
    public SecurityKey? Secret { get; }

    /// <summary>The key of the RS and ES algorithms; null when none of them is accepted, or when their keys come from <c>JWT_JWKS_URL</c>.</summary>
    public SecurityKey? PublicKey { get; }

    /// <summary>True for an algorithm with a shared secret.</summary>
    /// <param name="algorithm">A name, for example <c>HS256</c>.</param>
    public static bool IsSymmetric(string algorithm) => algorithm.StartsWith("HS", StringComparison.Ordinal);

    /// <summary>Reads the algorithms of <c>JWT_SIGN_ALGORITHM</c>.</summary>
    /// <param name="text">Names with commas between.</param>
    /// <exception cref="FormatException">A name is unknown, such as <c>none</c>, or there is none; the message names the setting.</exception>
    public static IReadOnlyList<string> ReadAlgorithms(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 && !names.Except(Known, StringComparer.Ordinal).Any()
            ? names
            : throw new FormatException($"JWT_SIGN_ALGORITHM is '{text}'; it must be one or more of {string.Join(", ", Known)}, with commas between.");
    }

    /// <summary>Reads the settings and checks that they fit together.</summary>
    /// <param name="algorithms"><c>JWT_SIGN_ALGORITHM</c>: names with commas between.</param>
    /// <param name="verifyKey"><c>JWT_VERIFY_KEY</c>: a secret, or a public key in PEM; empty for none.</param>
    /// <param name="jwksUrl"><c>JWT_JWKS_URL</c>, or null.</param>
    /// <exception cref="FormatException">They do not fit together; the message names the setting and the cure.</exception>
    public static TokenKeys Read(string algorithms, string verifyKey, Uri? jwksUrl)
    {
        var allowed = ReadAlgorithms(algorithms);
        var secretFor = allowed.Where(IsSymmetric).ToList();
        var publicFor = allowed.Except(secretFor, StringComparer.Ordinal).ToList();
        var isPem = verifyKey.Contains(PemMark, StringComparison.Ordinal);
        if (verifyKey.Length == 0 && jwksUrl is null)
        {
            throw new FormatException(
                "JWT_VERIFY_KEY is not set. Set it to the key that your users' tokens are checked with, or JWT_JWKS_URL to the address of their issuer's public keys, or ENABLE_AUTH=false on a machine of your own.");
        }

        if (secretFor.Count > 0 && isPem)
            throw new FormatException($"JWT_VERIFY_KEY is a key in PEM and JWT_SIGN_ALGORITHM allows {secretFor[0]}, with which anybody who knows a public key could sign. Set JWT_SIGN_ALGORITHM to what the tokens are signed with, for example RS256 or ES256.");
        if (publicFor.Count == 0 && jwksUrl is not null)
            throw new FormatException($"JWT_JWKS_URL is set and JWT_SIGN_ALGORITHM allows only {string.Join(", ", secretFor)}, which takes no public key. Set JWT_SIGN_ALGORITHM to what the issuer signs with, for example RS256 or ES256, or unset JWT_JWKS_URL.");
        if (secretFor.Count > 0 && verifyKey.Length == 0)
            throw new FormatException($"JWT_SIGN_ALGORITHM allows {secretFor[0]} and JWT_VERIFY_KEY, its secret, is not set. Set it, or take {secretFor[0]} out of JWT_SIGN_ALGORITHM.");
        if (publicFor.Count > 0 && jwksUrl is null && !isPem)
            throw new FormatException($"JWT_SIGN_ALGORITHM allows {publicFor[0]} and JWT_VERIFY_KEY is no public key in PEM (-----BEGIN PUBLIC KEY-----). Set it to one, or JWT_JWKS_URL to the address of the issuer's public keys.");
        if (secretFor.Count == 0 && jwksUrl is not null && verifyKey.Length > 0)
            throw new FormatException("JWT_VERIFY_KEY and JWT_JWKS_URL are both set, and the algorithms of JWT_SIGN_ALGORITHM take their keys from one of them. Unset the other.");
        return new TokenKeys(allowed, secretFor.Count > 0 ? ReadSecret(verifyKey) : null, isPem ? ReadPublicKey(verifyKey, publicFor) : null);
    }

    // The library refuses keys that are shorter than the hash, the contract only warns of them. HMAC itself fills a short key with zero
    // bytes up to its block of 64 or more (RFC 2104, section 2), so that a key filled here gives the same signatures.
    private static SymmetricSecurityKey ReadSecret(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < HMACSHA512.HashSizeInBytes) Array.Resize(ref bytes, HMACSHA512.HashSizeInBytes);
        return new SymmetricSecurityKey(bytes);
    }

    private static SecurityKey ReadPublicKey(string text, IReadOnlyList<string> algorithms)
    {
        // An environment file keeps a key on one line with \n for its ends of lines.
        var pem = text.Replace("\\n", "\n", StringComparison.Ordinal);
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != PublicKeyLabel)
            throw new FormatException("JWT_VERIFY_KEY must be one public key in PEM, as 'openssl pkey -in key.pem -pubout' prints it (-----BEGIN PUBLIC KEY-----). It holds no private key and no certificate.");
        PublicKey key;
        try
        {
            key = System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(Convert.FromBase64String(pem[fields.Base64Data]), out _);
        }
        catch (CryptographicException exception)
        {
            throw new FormatException("JWT_VERIFY_KEY is not a public key that can be read.", exception);
        }

        using var rsa = key.GetRSAPublicKey();
        if (rsa is not null && rsa.KeySize < SmallestRsaBits) throw new FormatException($"JWT_VERIFY_KEY is an RSA key of {rsa.KeySize} bits; it must have {SmallestRsaBits} or more.");
        var curve = rsa is null ? key.GetECDsaPublicKey() : null;
        var (kind, fitting) = (rsa, curve?.KeySize) switch
        {
            (not null, _) => ("an RSA key", "RS256, RS384 or RS512"),
            (_, 256) => ("a key on the curve P-256", "ES256"),
            (_, 384) => ("a key on the curve P-384", "ES384"),
            (_, 521) => ("a key on the curve P-521", "ES512"),
            _ => ("of a kind that signs no tokens", "none of its algorithms"),
        };
        if (algorithms.FirstOrDefault(algorithm => !fitting.Contains(algorithm, StringComparison.Ordinal)) is { } other)
            throw new FormatException($"JWT_VERIFY_KEY is {kind} and JWT_SIGN_ALGORITHM allows {other}. Such a key takes {fitting}.");
        return rsa is null ? new ECDsaSecurityKey(curve!) : new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false));
    }
}

/// <summary>Refuses, at the start of the server, keys and algorithms that do not fit together.</summary>
internal sealed class TokenOptionsCheck : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        try
        {
            if (options.EnableAuth) TokenKeys.Read(options.JwtSignAlgorithm, options.JwtVerifyKey, options.JwtJwksUrl);
            return ValidateOptionsResult.Success;
        }
        catch (FormatException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }
}
