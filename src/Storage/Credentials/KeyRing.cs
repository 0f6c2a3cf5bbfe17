using System.Buffers.Text;
using System.Security.Cryptography;

namespace Grainflow.Storage.Credentials;

/// <summary>A key of 32 bytes that seals the data keys of users. Its name is stored with what it has sealed.</summary>
public sealed class EncryptionKey
{
    /// <summary>The length of a key in bytes.</summary>
    public const int Length = 32;

    /// <summary>The length of a name in bytes.</summary>
    internal const int NameLength = 8;

    /// <summary>What is hashed together with a key for its name, so that the name is the hash of nothing else that is stored.</summary>
    private static readonly byte[] NameLabel = "grainflow key name"u8.ToArray();

    private readonly byte[] _key;
    private readonly byte[] _name;

    private EncryptionKey(byte[] key)
    {
        _key = key;
        _name = HMACSHA256.HashData(key, NameLabel)[..NameLength];
    }

    /// <summary>The name of the key, 16 hexadecimal digits. It does not reveal the key.</summary>
    public string Name => Convert.ToHexStringLower(_name);

    internal ReadOnlySpan<byte> Bytes => _key;

    internal ReadOnlySpan<byte> NameBytes => _name;

    /// <summary>A new random key.</summary>
    public static EncryptionKey Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Reads a key.</summary>
    /// <param name="text">32 bytes in base64 or url-safe base64, with or without padding.</param>
    /// <exception cref="FormatException">The text is not such a key. The message does not contain it.</exception>
    public static EncryptionKey Parse(string text)
    {
        var encoded = text.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        // 32 bytes are 43 characters without padding.
        if (encoded.Length != 43 || !Base64Url.IsValid(encoded, out var length) || length != Length)
            throw new FormatException("It must be 32 bytes in base64, 44 characters; make one with: head -c 32 /dev/urandom | base64");
        return new EncryptionKey(Base64Url.DecodeFromChars(encoded));
    }

    /// <summary>The key as text, which <see cref="Parse"/> reads. It is a secret.</summary>
    public string Export() => Convert.ToBase64String(_key);

    /// <summary>The name of the key.</summary>
    public override string ToString() => Name;
}

/// <summary>The keys that data keys are sealed by: one for new ones, and older ones that can still be read.</summary>
/// <param name="current">The key for new data keys.</param>
/// <param name="older">Further keys that data keys may be sealed by.</param>
public sealed class KeyRing(EncryptionKey current, params IEnumerable<EncryptionKey> older)
{
    private readonly EncryptionKey[] _all = [current, .. older];

    /// <summary>The key for new data keys.</summary>
    public EncryptionKey Current => _all[0];

    internal EncryptionKey? Find(ReadOnlySpan<byte> name)
    {
        foreach (var key in _all)
            if (key.NameBytes.SequenceEqual(name)) return key;
        return null;
    }
}
