using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Files;

/// <summary>Bounds what the compressed parts of one file expand to, so that a small file cannot fill the memory.</summary>
/// <param name="format">The name of the file's format, for the error.</param>
internal sealed class ExpansionLimit(string format)
{
    /// <summary>The most bytes of all parts together.</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    private long _used;

    /// <summary>Counts the bytes of a part by expanding it without keeping it.</summary>
    /// <param name="open">Opens the part for reading.</param>
    /// <exception cref="BlockException">The file expands too far.</exception>
    public void Count(Func<Stream> open)
    {
        var buffer = new byte[81920];
        using var part = open();
        try
        {
            while (part.Read(buffer) is var count and > 0) Add(count);
        }
        catch (InvalidDataException)
        {
            // Where the part is damaged it ends; its reader finds the same.
        }
    }

    /// <summary>Checks the most bytes that a part can have, before it is expanded.</summary>
    /// <exception cref="BlockException">The file could expand too far.</exception>
    public void Check(long bytes)
    {
        if (bytes > MaxBytes - _used) throw new BlockException($"The {format} file expands to more than {MaxBytes / 1024 / 1024} MB, which is the limit");
    }

    private void Add(long bytes)
    {
        Check(bytes);
        _used += bytes;
    }
}
