using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>
/// The digest of an output: the first 16 bytes of the SHA-256 of pin and compact JSON text. With it, outputs that a later attempt repeats are recognized without
/// holding their values in memory. Two different outputs have the same digest with a probability of 2^-128.
/// </summary>
/// <param name="Value">The 16 bytes.</param>
internal readonly record struct OutputDigest(UInt128 Value)
{
    public const int Size = 16;

    public static OutputDigest Of(string pin, JsonElement value)
    {
        var text = JsonValues.Compact(value);
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(pin.Length) + 1 + Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(pin, buffer);
            // A separator that occurs neither in JSON text nor in a cleaned pin, so that two different pairs of pin and value give different texts.
            buffer[length++] = 0;
            length += Encoding.UTF8.GetBytes(text, buffer.AsSpan(length));
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.AsSpan(0, length), hash);
            return Read(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static OutputDigest Read(ReadOnlySpan<byte> bytes) =>
        new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[..Size]));

    public void Write(Span<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
}
