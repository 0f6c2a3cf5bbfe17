using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Grainflow.Storage.Credentials;

/// <summary>
/// Stored data cannot be decrypted. The message names the cause and the cure. Such data is never overwritten or taken as absent: with the right key it can be read again.
/// </summary>
public sealed class UnreadableSecretException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure; no secret.</param>
    /// <param name="innerException">The error behind it, or null.</param>
    public UnreadableSecretException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Envelope encryption with AES-256-GCM (ADR 0032). A secret is sealed by the data key of its user, and the data key by a key of the <see cref="KeyRing"/>, whose name stands
/// before the ciphertext. What a ciphertext belongs to is bound to it as associated data, so that it cannot be moved to another row.
/// </summary>
internal static class Envelope
{
    /// <summary>The first byte of every sealed value, for later formats.</summary>
    private const byte Format = 1;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + EncryptionKey.NameLength;

    /// <summary>A new data key for a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="ring">The keys; the current one seals it.</param>
    /// <returns>The data key sealed: format, name of the key, nonce, tag, ciphertext.</returns>
    public static byte[] CreateDataKey(string userId, KeyRing ring) => SealDataKey(RandomNumberGenerator.GetBytes(EncryptionKey.Length), userId, ring.Current);

    /// <summary>The name of the key that a data key is sealed by.</summary>
    public static string KeyName(ReadOnlySpan<byte> sealedKey) =>
        sealedKey.Length > HeaderLength && sealedKey[0] == Format ? Convert.ToHexStringLower(sealedKey[1..HeaderLength]) : throw Damaged("The data key");

    /// <summary>Opens the data key of a user.</summary>
    /// <exception cref="UnreadableSecretException">The key that it is sealed by is not in the ring, or the data is not what was stored for this user.</exception>
    public static byte[] OpenDataKey(ReadOnlySpan<byte> sealedKey, string userId, KeyRing ring)
    {
        var name = KeyName(sealedKey);
        var key = ring.Find(sealedKey[1..HeaderLength]) ?? throw new UnreadableSecretException(
            $"The secrets of this user are sealed by key {name}, which is not among the settings. Add that key to ENCRYPTION_KEY_OLD; nothing was changed.");
        return Open(key.Bytes, sealedKey[HeaderLength..], Bound("data key", userId), "The data key");
    }

    /// <summary>Seals a data key by the current key of the ring.</summary>
    /// <returns>The new sealed key, or null when it is sealed by that key already.</returns>
    /// <exception cref="UnreadableSecretException">As <see cref="OpenDataKey"/>.</exception>
    public static byte[]? Reseal(ReadOnlySpan<byte> sealedKey, string userId, KeyRing ring)
    {
        if (KeyName(sealedKey) == ring.Current.Name) return null;
        var key = OpenDataKey(sealedKey, userId, ring);
        try
        {
            return SealDataKey(key, userId, ring.Current);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Seals a secret by a data key.</summary>
    /// <param name="dataKey">The opened data key.</param>
    /// <param name="plain">The secret.</param>
    /// <param name="bound">From <see cref="Bound"/>: what the secret belongs to.</param>
    /// <returns>Format, nonce, tag, ciphertext.</returns>
    public static byte[] Seal(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var box = new byte[1 + NonceLength + TagLength + plain.Length];
        box[0] = Format;
        Seal(dataKey, plain, bound, box.AsSpan(1));
        return box;
    }

    /// <summary>Opens a secret.</summary>
    /// <exception cref="UnreadableSecretException">The data is not what was stored in this place.</exception>
    public static byte[] Open(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> box, ReadOnlySpan<byte> bound)
    {
        if (box.Length < 1 || box[0] != Format) throw Damaged("The secret");
        return Open(dataKey, box[1..], bound, "The secret");
    }

    /// <summary>Associated data of some texts. Each has its length before it, so that no two lists give the same bytes.</summary>
    /// <param name="parts">The texts; null differs from an empty one.</param>
    public static byte[] Bound(params ReadOnlySpan<string?> parts)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var text = part is null ? [] : Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, part is null ? -1 : text.Length);
            bytes.Write(length);
            bytes.Write(text);
        }

        return bytes.ToArray();
    }

    private static byte[] SealDataKey(ReadOnlySpan<byte> dataKey, string userId, EncryptionKey key)
    {
        var box = new byte[HeaderLength + NonceLength + TagLength + dataKey.Length];
        box[0] = Format;
        key.NameBytes.CopyTo(box.AsSpan(1));
        Seal(key.Bytes, dataKey, Bound("data key", userId), box.AsSpan(HeaderLength));
        return box;
    }

    private static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound, Span<byte> box)
    {
        RandomNumberGenerator.Fill(box[..NonceLength]);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(box[..NonceLength], plain, box[(NonceLength + TagLength)..], box.Slice(NonceLength, TagLength), bound);
    }

    private static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> bound, string what)
    {
        if (box.Length < NonceLength + TagLength) throw Damaged(what);
        var plain = new byte[box.Length - NonceLength - TagLength];
        try
        {
            using var cipher = new AesGcm(key, TagLength);
            cipher.Decrypt(box[..NonceLength], box[(NonceLength + TagLength)..], box.Slice(NonceLength, TagLength), plain, bound);
            return plain;
        }
        catch (CryptographicException exception)
        {
            throw Damaged(what, exception);
        }
    }

    private static UnreadableSecretException Damaged(string what, Exception? cause = null) => new(
        what + " cannot be decrypted: what is stored was damaged or belongs to another place. Restore it from a backup, or delete the credential and add it again; nothing was changed.", cause);
}
