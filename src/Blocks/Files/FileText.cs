using System.Text;

namespace Grainflow.Blocks.Files;

/// <summary>Decodes the bytes of text files.</summary>
internal static class FileText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // UTF-32 before UTF-16, whose byte order mark is the beginning of the other one.
    private static readonly Encoding[] Marked = [Encoding.UTF8, Encoding.UTF32, new UTF32Encoding(bigEndian: true, byteOrderMark: true), Encoding.Unicode, Encoding.BigEndianUnicode];

    /// <summary>
    /// The text: by its byte order mark, which is dropped, else as UTF-8, and as Latin-1 where it is not UTF-8. The line ends CR LF and CR become LF (contract:
    /// block-tiers, File Read).
    /// </summary>
    /// <param name="content">The bytes of a text file.</param>
    public static string Decode(ReadOnlySpan<byte> content) => DecodeBytes(content).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    private static string DecodeBytes(ReadOnlySpan<byte> content)
    {
        foreach (var encoding in Marked)
            if (content.StartsWith(encoding.Preamble)) return encoding.GetString(content[encoding.Preamble.Length..]);
        try
        {
            return Utf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(content);
        }
    }
}
