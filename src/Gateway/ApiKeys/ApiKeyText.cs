using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;

namespace Grainflow.Gateway.ApiKeys;

/// <summary>The text of a key and what is kept of it (contract: semantics 8.5).</summary>
/// <param name="Text">The key: <c>agpt_</c> and 43 url-safe characters. It is shown once.</param>
/// <param name="Salt">32 random bytes.</param>
/// <param name="Hash">scrypt of the text with the salt, 32 bytes.</param>
internal sealed record ApiKeyText(string Text, byte[] Salt, byte[] Hash)
{
    /// <summary>How every key begins.</summary>
    public const string Prefix = "agpt_";

    private const int SecretBytes = 32;
    private const int Shown = 8;

    /// <summary>The number of characters of a key.</summary>
    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(SecretBytes);

    /// <summary>The first characters, by which a key is found.</summary>
    public string Head => HeadOf(Text);

    /// <summary>The last characters, by which its owner knows it.</summary>
    public string Tail => Text[^Shown..];

    /// <summary>Makes a key.</summary>
    public static ApiKeyText Create()
    {
        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var salt = RandomNumberGenerator.GetBytes(SecretBytes);
        return new ApiKeyText(text, salt, HashOf(text, salt));
    }

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsOne(string text) => text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text.All(char.IsAscii);

    /// <summary>The first characters of a text that has the form of a key.</summary>
    public static string HeadOf(string text) => text[..Shown];

    /// <summary>scrypt with N = 2^14, r = 8 and p = 1: some 50 ms and 16 MB.</summary>
    public static byte[] HashOf(string text, byte[] salt) => SCrypt.Generate(Encoding.UTF8.GetBytes(text), salt, 1 << 14, 8, 1, 32);
}
