using System.Buffers;
using System.Text;

namespace Grainflow.Engine.Files;

/// <summary>Names of files, as runs and uploads keep them (contract: semantics 2.16 "Temp files").</summary>
public static class FileNames
{
    /// <summary>The most characters (code points) of a name.</summary>
    public const int MaxLength = 200;

    private const string Forbidden = "<>:\"/\\|?*";

    /// <summary>A name without folders and without characters that a file system or the database refuses, each of which becomes <c>_</c>; cut to <see cref="MaxLength"/>.</summary>
    /// <param name="name">What somebody calls the file.</param>
    /// <returns>The name; empty for an empty one.</returns>
    public static string Clean(string name)
    {
        var cleaned = new StringBuilder(name.Length);
        var count = 0;
        for (var rest = name.AsSpan().Trim('/'); rest.Length > 0 && count < MaxLength; count++)
        {
            var isCharacter = Rune.DecodeFromUtf16(rest, out var character, out var length) == OperationStatus.Done;
            cleaned.Append(isCharacter && !IsForbidden(character) ? rest[..length] : "_");
            rest = rest[length..];
        }

        return cleaned.ToString() is "." or ".." ? "_" : cleaned.ToString();
    }

    /// <summary>A name that files of the same name but another origin do not have: a part of the origin's id stands before the extension.</summary>
    /// <param name="name">A clean name.</param>
    /// <param name="origin">The id of where the file comes from.</param>
    public static string Distinguish(string name, Guid origin)
    {
        var mark = $"-{origin.ToString()[..8]}";
        var dot = name.LastIndexOf('.');
        // A long extension is no extension, and a name that begins with its only dot is all name.
        if (dot <= 0 || name.Length - dot > 20) dot = name.Length;
        var stem = name.AsSpan(0, dot);
        var kept = new StringBuilder();
        var room = MaxLength - mark.Length - (name.Length - dot);
        foreach (var character in stem.EnumerateRunes())
        {
            if (room-- <= 0) break;
            kept.Append(character.ToString());
        }

        return $"{kept}{mark}{name[dot..]}";
    }

    private static bool IsForbidden(Rune character) => Rune.IsControl(character) || (character.IsAscii && Forbidden.Contains((char)character.Value, StringComparison.Ordinal));
}
