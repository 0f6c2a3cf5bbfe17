using System.Security.Cryptography;

namespace Grainflow.Engine.Execution;

/// <summary>Ids that are derived from what they stand for, in the form of UUID version 4 (contract: semantics 0), so that the same thing has the same id after a crash.</summary>
public static class DerivedIds
{
    /// <summary>The id of a seed.</summary>
    /// <param name="seed">What the id stands for; different things need different seeds.</param>
    public static Guid Of(ReadOnlySpan<byte> seed)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(seed, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
