using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Http;

/// <summary>The input pins of a web request.</summary>
internal record WebRequestInput
{
    public required string Url { get; init; }

    [Pin(Title = "HttpMethod", Type = "enum(GET|POST|PUT|DELETE|PATCH|OPTIONS|HEAD)")]
    public string Method { get; init; } = "POST";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    [Pin(Title = "JSON format")]
    public bool JsonFormat { get; init; } = true;

    public IReadOnlyDictionary<string, JsonElement>? Body { get; init; }

    public string FilesName { get; init; } = "file";

    [Pin(Type = "array<string:file>")]
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <summary>The output pins of a web request.</summary>
internal sealed record WebRequestOutput
{
    [Pin(Advanced = false)]
    public required string Error { get; init; }

    public required JsonElement Response { get; init; }

    public required JsonElement ClientError { get; init; }

    public required JsonElement ServerError { get; init; }
}

/// <summary>Sends the request of a block that lets its user write requests (contract: block-tiers, Send Web Request).</summary>
internal static class WebRequest
{
    // The client sets these by the body and the connection; a value of the user would make the message invalid, so it is ignored.
    private static readonly string[] MessageHeaders = ["Content-Length", "Transfer-Encoding", "Connection"];

    /// <summary>Sends the request and reads its reply, whatever its status.</summary>
    /// <param name="input">The request.</param>
    /// <param name="secretHeaders">Headers to add, which are secrets of the origin that is asked. A header of the input wins.</param>
    /// <param name="context">The client, and the files of the run.</param>
    /// <param name="cancellationToken">Cancels the exchange.</param>
    /// <exception cref="BlockException">The request cannot be sent, or has no reply.</exception>
    public static async Task<OutgoingReply> SendAsync(WebRequestInput input, IReadOnlyDictionary<string, string> secretHeaders, BlockContext context, CancellationToken cancellationToken)
    {
        if (input.JsonFormat && input.Files.Count > 0)
            throw new BlockException("json_format=True cannot be combined with file uploads; set json_format=False and put form fields in `body`.");
        using var request = new HttpRequestMessage(HttpMethod.Parse(input.Method), AddressOf(input.Url));
        request.Content = await BodyAsync(input, context, cancellationToken);
        foreach (var (name, value) in secretHeaders)
            if (!input.Headers.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)) SetHeader(request, name, value);
        foreach (var (name, value) in input.Headers) SetHeader(request, name, value);
        request.Options.Set(RequestHop.SecretHeaders, [.. secretHeaders.Keys]);
        return await SendAsync(request, context, cancellationToken);
    }

    /// <summary>The output pin of a reply, by its status.</summary>
    public static string PinOf(OutgoingReply reply) => reply.Status switch
    {
        >= 200 and < 300 => nameof(WebRequestOutput.Response),
        >= 400 and < 500 => nameof(WebRequestOutput.ClientError),
        _ => nameof(WebRequestOutput.ServerError),
    };

    /// <summary>The address of a request; without a scheme it is http.</summary>
    /// <exception cref="BlockException">The text is no address.</exception>
    public static Uri AddressOf(string url)
    {
        var trimmed = url.Trim();
        if (!trimmed.Contains("://", StringComparison.Ordinal)) trimmed = "http://" + trimmed;
        return Uri.TryCreate(trimmed, UriKind.Absolute, out var address) ? address : throw new BlockException($"'{url}' is not a web address");
    }

    private static async Task<OutgoingReply> SendAsync(HttpRequestMessage request, BlockContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Http.SendAsync(request, cancellationToken);
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException(e.Message, e);
        }
    }

    private static async Task<HttpContent?> BodyAsync(WebRequestInput input, BlockContext context, CancellationToken cancellationToken)
    {
        if (input.Files.Count > 0) return await MultipartAsync(input, context, cancellationToken);
        if (input.Body is not { } body) return null;
        if (input.JsonFormat) return new StringContent(JsonValues.Compact(JsonValues.Object(body)), Encoding.UTF8, "application/json");
        return new FormUrlEncodedContent(body.Select(field => KeyValuePair.Create(field.Key, FieldText(field.Value))));
    }

    private static async Task<MultipartFormDataContent> MultipartAsync(WebRequestInput input, BlockContext context, CancellationToken cancellationToken)
    {
        var form = new MultipartFormDataContent { HeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        foreach (var (name, value) in input.Body ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal)) Add(form, new StringContent(FieldText(value)), $"name=\"{Quoted(name)}\"");
        foreach (var source in input.Files)
        {
            var file = await RunFile.StoreAsync(source, context, cancellationToken);
            var part = new ReadOnlyMemoryContent(file.Content);
            part.Headers.TryAddWithoutValidation("Content-Type", MimeTypes.OfName(file.Name));
            Add(form, part, $"name=\"{Quoted(input.FilesName)}\"; filename=\"{Quoted(file.Name)}\"");
        }

        return form;
    }

    private static void Add(MultipartFormDataContent form, HttpContent part, string names)
    {
        part.Headers.TryAddWithoutValidation("Content-Disposition", "form-data; " + names);
        form.Add(part);
    }

    private static string FieldText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => JsonValues.Compact(value),
    };

    // The escapes of names in multipart/form-data (HTML standard, section 4.10.21.8).
    private static string Quoted(string name) =>
        name.Replace("\"", "%22", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static void SetHeader(HttpRequestMessage request, string name, string value)
    {
        if (name.Length == 0 || !name.All(IsNameCharacter) || value.AsSpan().ContainsAny("\r\n\0")) throw new BlockException($"The header '{name}' cannot be sent: its name or its value is not valid");
        if (MessageHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)) return;
        if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.TryAddWithoutValidation(name, value);
            return;
        }

        // The content type of a multipart body contains its boundary and must stay.
        if (request.Content is MultipartContent) return;
        request.Content ??= new ByteArrayContent([]);
        request.Content.Headers.Remove(name);
        request.Content.Headers.TryAddWithoutValidation(name, value);
    }

    // The characters of a token (RFC 9110, section 5.6.2).
    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);
}
