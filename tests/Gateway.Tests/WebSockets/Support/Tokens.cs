using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Makes user tokens.</summary>
internal static class Tokens
{
    public static string For(string user) => Of(new { sub = user, aud = "authenticated" });

    public static string Of(object claims, string key = LiveServer.Key)
    {
        var text = $"{Encode("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
