using System.Text.Json;
using System.Text.Unicode;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Requests;

/// <summary>Parses JSON bodies. Invalid JSON is refused before authentication and all other checks (contract: errors.tsv).</summary>
internal static class BodyReader
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = JsonValues.MaxForeignDocumentDepth };
    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    /// <summary>The body, or null when there is none.</summary>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        var text = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        if (text.IsEmpty) return null;
        if (request.ContentType is { Length: > 0 } && !request.HasJsonContentType())
        {
            var sent = JsonSerializer.SerializeToElement(request.ContentType);
            throw ApiException.Invalid([new ValidationProblem("model_attributes_type", ["body"], "Input should be a valid dictionary or object to extract fields from: send application/json", sent)]);
        }

        if (!Utf8.IsValid(text.Span)) throw NotJson(0, "not UTF-8");
        try
        {
            return JsonElement.Parse(text.Span, Reading);
        }
        catch (JsonException exception)
        {
            throw NotJson(Position(text.Span, exception), $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
        }
    }

    /// <summary>The error for invalid JSON.</summary>
    public static ApiException NotJson(int position, string error) => ApiException.Invalid(
    [
        new ValidationProblem("json_invalid", ["body", position], "JSON decode error", EmptyObject, new Dictionary<string, object>(StringComparer.Ordinal) { ["error"] = error }),
    ]);

    private static int Position(ReadOnlySpan<byte> text, JsonException exception)
    {
        var position = 0;
        for (var line = 0L; line < exception.LineNumber; line++)
        {
            var end = text[position..].IndexOf((byte)'\n');
            if (end < 0) break;
            position += end + 1;
        }

        return position + (int)(exception.BytePositionInLine ?? 0);
    }
}
