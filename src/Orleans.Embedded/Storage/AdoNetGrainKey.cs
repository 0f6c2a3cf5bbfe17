using System.Runtime.InteropServices;
using System.Text;

namespace Orleans.Storage;

/// <summary>
/// A grain key as the columns of a stored row: a Guid becomes two numbers, an integer one, any other text the extension.
/// The kind is told by the text alone, so a text of up to 16 hexadecimal digits is stored as an integer.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AdoNetGrainKey(long N0, long N1, string? Extension, int Hash)
{
    public static AdoNetGrainKey Of(GrainId grainId)
    {
        if (GrainKeys.TryGetGuid(grainId.Key, out var guid, out var extension))
        {
            var bytes = guid.ToByteArray();
            return new(BitConverter.ToInt64(bytes, 0), BitConverter.ToInt64(bytes, sizeof(long)), extension, HashOf(bytes, extension));
        }

        if (GrainKeys.TryGetInteger(grainId.Key, out var number, out extension))
        {
            return new(0, number, extension, HashOf(BitConverter.GetBytes(number), extension));
        }

        var text = grainId.Key.ToString();
        return new(0, 0, text, HashOf([], text));
    }

    /// <summary>Orleans hashes the bytes back to front on the machines that it runs on.</summary>
    private static int HashOf(byte[] key, string? extension)
    {
        byte[] bytes = [.. key, .. Encoding.UTF8.GetBytes(extension ?? "")];
        Array.Reverse(bytes);
        return unchecked((int)StableHash.Compute(bytes));
    }
}
