using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Http;

/// <summary>Reads the bodies of replies.</summary>
internal static class ReplyText
{
    /// <summary>The body as text, by the charset of its content type; UTF-8 where none or an unknown one is named.</summary>
    public static string Text(this OutgoingReply reply)
    {
        var charset = MediaTypeHeaderValue.TryParse(reply.ContentType, out var type) ? type.CharSet?.Trim('"') : null;
        using var reader = new StreamReader(new MemoryStream(reply.Body.ToArray()), EncodingOf(charset), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>JSON when the content type says so, null for "no content", else text.</summary>
    /// <exception cref="BlockException">The body is not the JSON it is said to be.</exception>
    public static JsonElement Value(this OutgoingReply reply)
    {
        if (reply.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) is not true) return JsonValues.From(reply.Text());
        if (reply.Status == 204) return JsonValues.Null;
        return JsonValues.TryParse(reply.Text(), out var json) ? json : throw new BlockException($"{reply.RequestAddress.Host} answered with invalid JSON");
    }

    private static Encoding EncodingOf(string? charset)
    {
        // Names that Python knows and .NET does not.
        var name = charset?.ToUpperInvariant() switch { null or "" or "UTF8" => "utf-8", "LATIN-1" or "LATIN_1" => "iso-8859-1", var given => given };
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
