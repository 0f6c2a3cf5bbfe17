using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Auth;

/// <summary>
/// Reads user tokens: JWTs signed with a shared key, for the audience <c>authenticated</c> (contract: semantics 0). With
/// auth off every token, and none, names the default user as admin (decision 3).
/// </summary>
/// <param name="options">Key and algorithm.</param>
/// <param name="clock">Decides what has expired.</param>
public sealed class AccessTokens(IOptions<GatewayOptions> options, TimeProvider clock)
{
    private const string Audience = "authenticated";
    private const int LongestToken = 16 * 1024;

    private static readonly Caller DefaultUser = new(GatewayOptions.DefaultUserId, Caller.AdminRole, GatewayOptions.DefaultUserEmail);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(options.Value.JwtVerifyKey);

    /// <summary>Who a token names.</summary>
    /// <param name="token">The token itself, without a scheme; null or empty when there is none.</param>
    public TokenResult Read(string? token)
    {
        if (!options.Value.EnableAuth) return new TokenResult(DefaultUser, default, "");
        if (string.IsNullOrEmpty(token)) return new TokenResult(null, TokenFailure.Missing, "Authorization header is missing");
        if (_key.Length == 0) return Invalid("no key is configured");
        if (token.Length > LongestToken) return Invalid("it is too long");

        var parts = token.Split('.');
        if (parts.Length != 3) return Invalid("not enough segments");
        try
        {
            return ReadVerified(parts);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return Invalid("it cannot be read");
        }
    }

    private static TokenResult Invalid(string why) => new(null, TokenFailure.Invalid, $"Invalid token: {why}");

    private TokenResult ReadVerified(string[] parts)
    {
        // The algorithm is the configured one: a header that names another is refused, whatever its signature.
        var header = JsonElement.Parse(Base64Url.DecodeFromChars(parts[0]));
        if (Text(header, "alg") != options.Value.JwtSignAlgorithm) return Invalid("the algorithm is not allowed");
        var signature = Base64Url.DecodeFromChars(parts[2]);
        if (!CryptographicOperations.FixedTimeEquals(Sign($"{parts[0]}.{parts[1]}"), signature)) return Invalid("signature verification failed");

        var claims = JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (Seconds(claims, "exp") is { } expires && now >= expires) return new TokenResult(null, TokenFailure.Invalid, "Token has expired");
        if (Seconds(claims, "nbf") is { } begins && now < begins) return Invalid("it is not yet valid");
        if (!HasAudience(claims)) return Invalid("audience doesn't match");
        return Text(claims, "sub") is { Length: > 0 } subject
            ? new TokenResult(new Caller(subject, Text(claims, "role"), Text(claims, "email")), default, "")
            : new TokenResult(null, TokenFailure.NoSubject, "User ID not found in token");
    }

    private byte[] Sign(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        return options.Value.JwtSignAlgorithm switch
        {
            "HS384" => HMACSHA384.HashData(_key, bytes),
            "HS512" => HMACSHA512.HashData(_key, bytes),
            _ => HMACSHA256.HashData(_key, bytes),
        };
    }

    private static bool HasAudience(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var audience)) return false;
        return audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(Audience))
            : audience.ValueKind == JsonValueKind.String && audience.ValueEquals(Audience);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Seconds(JsonElement claims, string name) => claims.TryGetProperty(name, out var value)
        ? value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw new FormatException($"{name} is not a number.")
        : null;
}
