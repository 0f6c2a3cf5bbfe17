using System.Text;
using System.Text.Unicode;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>Reads the JSON files that a command line names, in the encodings in which editors save them.</summary>
internal static class FileText
{
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The text of a file in UTF-8, without a byte order mark. UTF-16 and UTF-32 are recognised with a mark, and without one by their zero bytes.</summary>
    /// <param name="path">The file, or something else that can be read to its end, such as a pipe.</param>
    /// <param name="what">What it is, for messages: "agent" or "scenario".</param>
    /// <exception cref="CliException">It is not there, is empty or too large, cannot be read, or is not text.</exception>
    public static byte[] Read(string path, string what)
    {
        var bytes = ReadBytes(path, what);
        var (encoding, markLength) = Recognise(bytes);
        if (bytes.Length == markLength) throw new CliException($"The {what} '{path}' is empty.");
        var content = bytes.AsSpan(markLength);
        if (encoding is null)
        {
            if (!Utf8.IsValid(content)) throw new CliException($"The {what} '{path}' is not valid UTF-8 {Place(content)}. Save it as UTF-8.");
            return markLength == 0 ? bytes : content.ToArray();
        }

        try
        {
            return Encoding.UTF8.GetBytes(encoding.GetString(content));
        }
        catch (DecoderFallbackException exception)
        {
            throw new CliException($"The {what} '{path}' is not valid {encoding.WebName.ToUpperInvariant()} at byte {markLength + Math.Max(exception.Index, 0) + 1}. Save it as UTF-8.");
        }
    }

    /// <summary>Reads files on another thread, so that Ctrl-C ends a command that waits for a pipe without a writer.</summary>
    /// <param name="read">Reads and returns the content.</param>
    /// <param name="interrupted">Cancelled when the command is interrupted.</param>
    /// <exception cref="OperationCanceledException">The command was interrupted; the thread is left to the end of the process.</exception>
    public static Task<T> ReadAsync<T>(Func<T> read, CancellationToken interrupted) => Task.Run(read, CancellationToken.None).WaitAsync(interrupted);

    private static byte[] ReadBytes(string path, string what)
    {
        try
        {
            if (Directory.Exists(path)) throw new CliException($"The {what} '{path}' is a folder, not a file.", ExitCodes.Usage);
            if (!File.Exists(path)) throw new CliException($"The {what} '{path}' does not exist.", ExitCodes.Usage);
            using var file = File.OpenRead(path);
            using var content = new MemoryStream();
            // The length of a pipe or device is not known before its end.
            var buffer = new byte[64 * 1024];
            for (int read; (read = file.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > MaxBytes) throw new CliException($"The {what} '{path}' is larger than {MaxBytes / 1024 / 1024} MB.", ExitCodes.Usage);
            }

            return content.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The {what} '{path}' cannot be read: {exception.Message}", ExitCodes.Usage);
        }
    }

    /// <summary>The encoding of a JSON text and the length of its byte order mark; null for UTF-8. JSON begins with a character of ASCII.</summary>
    private static (Encoding? Encoding, int MarkLength) Recognise(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (null, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Utf32(bigEndian: false), 4),
        [0, 0, 0xFE, 0xFF, ..] => (Utf32(bigEndian: true), 4),
        [0xFF, 0xFE, ..] => (Utf16(bigEndian: false), 2),
        [0xFE, 0xFF, ..] => (Utf16(bigEndian: true), 2),
        [not 0, 0, 0, 0, ..] => (Utf32(bigEndian: false), 0),
        [0, 0, 0, not 0, ..] => (Utf32(bigEndian: true), 0),
        [not 0, 0, ..] => (Utf16(bigEndian: false), 0),
        [0, not 0, ..] => (Utf16(bigEndian: true), 0),
        _ => (null, 0),
    };

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);

    private static UTF32Encoding Utf32(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidCharacters: true);

    /// <summary>Where the first bytes are that are not UTF-8.</summary>
    private static string Place(ReadOnlySpan<byte> text)
    {
        var line = 1;
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0 && Utf8.IsValid(text[..end]); line++) text = text[(end + 1)..];
        var valid = 0;
        while (Rune.DecodeFromUtf8(text[valid..], out _, out var length) == System.Buffers.OperationStatus.Done) valid += length;
        return $"at line {line}, column {valid + 1}";
    }
}
