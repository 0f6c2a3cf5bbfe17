using System.Buffers.Binary;
using System.Numerics;

namespace Orleans.Storage;

/// <summary>XXH32 with seed 0: the hash that Orleans keys its stored rows with.</summary>
/// <remarks>Written after the specification of xxHash by Yann Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.</remarks>
internal static class StableHash
{
    private const uint Prime1 = 0x9E3779B1;
    private const uint Prime2 = 0x85EBCA77;
    private const uint Prime3 = 0xC2B2AE3D;
    private const uint Prime4 = 0x27D4EB2F;
    private const uint Prime5 = 0x165667B1;
    private const int StripeLength = 16;

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var length = (uint)data.Length;
        uint hash;
        if (data.Length >= StripeLength)
        {
            Span<uint> lanes = [unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1)];
            for (; data.Length >= StripeLength; data = data[StripeLength..])
            {
                for (var lane = 0; lane < lanes.Length; lane++)
                {
                    var word = BinaryPrimitives.ReadUInt32LittleEndian(data[(lane * sizeof(uint))..]);
                    lanes[lane] = unchecked(BitOperations.RotateLeft(lanes[lane] + (word * Prime2), 13) * Prime1);
                }
            }

            hash = unchecked(BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7)
                + BitOperations.RotateLeft(lanes[2], 12) + BitOperations.RotateLeft(lanes[3], 18));
        }
        else
        {
            hash = Prime5;
        }

        return Finish(unchecked(hash + length), data);
    }

    private static uint Finish(uint hash, ReadOnlySpan<byte> rest)
    {
        unchecked
        {
            for (; rest.Length >= sizeof(uint); rest = rest[sizeof(uint)..])
            {
                hash = BitOperations.RotateLeft(hash + (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime3), 17) * Prime4;
            }

            foreach (var single in rest) hash = BitOperations.RotateLeft(hash + (single * Prime5), 11) * Prime1;
            hash = (hash ^ (hash >> 15)) * Prime2;
            hash = (hash ^ (hash >> 13)) * Prime3;
            return hash ^ (hash >> 16);
        }
    }
}
