using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Http;

/// <summary>Decodes the bodies of replies.</summary>
internal static class ReplyText
{
    /// <summary>
    /// The body as text: by its byte order mark, which is dropped, else by the charset of its content type, else as UTF-8. An unknown
    /// charset counts as none.
    /// </summary>
    public static string Text(this OutgoingReply reply)
    {
        var charset = MediaTypeHeaderValue.TryParse(reply.ContentType, out var type) ? type.CharSet?.Trim('"') : null;
        using var reader = new StreamReader(new MemoryStream(reply.Body.ToArray()), EncodingOf(charset), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>
    /// What the Send Web Request block emits for a reply (contract: block-tiers, Send Web Request). A reply whose content type starts with
    /// <c>application/json</c> is parsed; it is null when its body is missing or blank, as in the answer to a HEAD request, with status
    /// 204 or 304, and with a length of 0. Any other reply is its text, also that of <c>application/problem+json</c>, and "" without a body.
    /// </summary>
    /// <exception cref="BlockException">The content type says JSON, there is a body, and it is not JSON.</exception>
    public static JsonElement Value(this OutgoingReply reply)
    {
        var text = reply.Text();
        if (reply.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) is not true) return JsonValues.From(text);
        if (reply.Status == 204 || string.IsNullOrWhiteSpace(text)) return JsonValues.Null;
        return JsonValues.TryParse(text, out var json) ? json : throw new BlockException($"{reply.RequestAddress.Host} answered with invalid JSON");
    }

    private static Encoding EncodingOf(string? charset)
    {
        // Python, whose names of encodings the contract follows, has aliases that .NET lacks.
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
