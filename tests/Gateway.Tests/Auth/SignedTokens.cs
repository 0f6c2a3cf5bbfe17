using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Grainflow.Gateway.Tests.Auth;

/// <summary>Signs tokens with the base library alone, so that what the server's library verifies was not made by it.</summary>
internal static class SignedTokens
{
    public static readonly object User = new { sub = "user-1", role = "authenticated", aud = "authenticated" };

    /// <summary>A token of the algorithm; a secret signs as HS and a private key as its own kind, whatever the header says.</summary>
    public static string Of(string algorithm, object key, object? claims = null, string? kid = null)
    {
        var header = kid is null ? JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT" }) : JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT", kid });
        return OfText(header, JsonSerializer.Serialize(claims ?? User), algorithm, key);
    }

    public static string OfText(string header, string claims, string algorithm, object key)
    {
        var text = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Encode(Sign(Encoding.ASCII.GetBytes(text), algorithm, key))}";
    }

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Sign(byte[] text, string algorithm, object key)
    {
        var hash = algorithm[2..] switch
        {
            "384" => HashAlgorithmName.SHA384,
            "512" => HashAlgorithmName.SHA512,
            _ => HashAlgorithmName.SHA256,
        };
        return key switch
        {
            RSA rsa => rsa.SignData(text, hash, RSASignaturePadding.Pkcs1),
            ECDsa curve => curve.SignData(text, hash),
            string secret => CryptographicOperations.HmacData(hash, Encoding.UTF8.GetBytes(secret), text),
            byte[] secret => CryptographicOperations.HmacData(hash, secret, text),
            _ => throw new ArgumentException($"{key.GetType()} signs nothing.", nameof(key)),
        };
    }
}
