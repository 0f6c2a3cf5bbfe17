using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Grainflow.TestSupport;

/// <summary>Access tokens that are signed with a secret that test and server share.</summary>
public static class UserToken
{
    /// <summary>A token, signed by HS256.</summary>
    /// <param name="claims">An object whose members are the claims.</param>
    /// <param name="key">The setting <c>JWT_VERIFY_KEY</c>.</param>
    public static string Of(object claims, string key)
    {
        var text = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
