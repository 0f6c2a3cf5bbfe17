using Microsoft.AspNetCore.StaticFiles;

namespace Grainflow.Blocks.Contract;

/// <summary>Converts between file extensions and media types.</summary>
internal static class MimeTypes
{
    private static readonly FileExtensionContentTypeProvider ByExtension = new();

    // The extension to choose for a media type that has several.
    private static readonly Dictionary<string, string> Usual = new(StringComparer.OrdinalIgnoreCase)
    {
        ["application/json"] = ".json",
        ["application/octet-stream"] = ".bin",
        ["application/xml"] = ".xml",
        ["audio/mpeg"] = ".mp3",
        ["image/jpeg"] = ".jpg",
        ["image/tiff"] = ".tiff",
        ["text/html"] = ".html",
        ["text/markdown"] = ".md",
        ["text/plain"] = ".txt",
        ["text/xml"] = ".xml",
        ["video/mp4"] = ".mp4",
        ["video/mpeg"] = ".mpeg",
        ["video/quicktime"] = ".mov",
    };

    /// <summary>The media type of a file name; <c>application/octet-stream</c> when unknown.</summary>
    public static string OfName(string name) => ByExtension.TryGetContentType(name, out var type) ? type : "application/octet-stream";

    /// <summary>The extension of a media type, with its dot; <c>.bin</c> when unknown.</summary>
    public static string Extension(string mime)
    {
        var type = mime.Split(';')[0].Trim();
        if (Usual.TryGetValue(type, out var usual)) return usual;
        return ByExtension.Mappings.Where(m => m.Value.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(m => m.Key).Order(StringComparer.Ordinal).FirstOrDefault(".bin");
    }
}
