using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Engine.Files;

/// <summary>The text by which agents refer to an uploaded file: <c>gcs://{bucket}/uploads/users/{user}/{id}/{name}</c> (contract: semantics 9.5).</summary>
/// <param name="UserId">Whose file it is.</param>
/// <param name="Id">The upload.</param>
/// <param name="Name">The name of the file.</param>
public sealed record UploadReference(string UserId, Guid Id, string Name)
{
    /// <summary>The bucket of all references: the platform's own store of files. There is no other, wherever its contents are kept.</summary>
    public const string Bucket = "grainflow";

    private const string Scheme = "gcs://";
    private const string Users = "uploads/users/";

    /// <summary>Whether a text is a reference to a file in cloud storage, of this platform or not.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsReference(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a reference. The path is compared as it stands: nothing in it is resolved, so that no <c>..</c> leads anywhere.</summary>
    /// <param name="text">A text for which <see cref="IsReference"/> holds.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="problem">Why there is none, for the user.</param>
    /// <returns>False when it names no upload of this platform.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out UploadReference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        problem = null;
        var path = text[Scheme.Length..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !string.Equals(path[..slash], Bucket, StringComparison.Ordinal))
        {
            problem = $"The file '{text}' is not in the store of this platform, whose files begin with {Scheme}{Bucket}/: upload it here, or give its http address.";
            return false;
        }

        path = path[(slash + 1)..];
        if (path.Split('/').Any(part => part is "" or "." or ".."))
        {
            problem = $"The file '{text}' has an empty part, '.' or '..' in its path, which is not allowed.";
            return false;
        }

        var parts = path.StartsWith(Users, StringComparison.Ordinal) ? path[Users.Length..].Split('/') : [];
        if (parts.Length != 3 || !Guid.TryParseExact(parts[1], "D", out var id))
        {
            problem = $"The file '{text}' is no upload: those are named {Scheme}{Bucket}/{Users}{{user}}/{{id}}/{{name}}.";
            return false;
        }

        reference = new UploadReference(Uri.UnescapeDataString(parts[0]), id, parts[2]);
        return true;
    }

    /// <summary>The text of the reference.</summary>
    public override string ToString() => $"{Scheme}{Bucket}/{Users}{Uri.EscapeDataString(UserId)}/{Id}/{Name}";
}
