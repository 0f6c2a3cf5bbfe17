using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>
/// Stands for an output that was routed, so that another attempt can be seen to repeat it without keeping its value: the first 16 bytes of the SHA-256 of
/// pin and compact JSON text. Two outputs that differ have the same digest with a probability of 2^-128.
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
            // No JSON text and no cleaned pin holds this byte, so pin and value cannot run into each other.
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
