using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Scenarios;

/// <summary>
/// Answers the HTTP requests to providers of language models by the rules of a case, in the form of each provider, so that everything up to the network is what real runs use.
/// </summary>
internal sealed partial class ScriptedModels(ImmutableArray<ModelRule> rules) : HttpMessageHandler
{
    private const int ShownLength = 200;
    private int _calls;

    /// <summary>Requests that were made, those without a reply in the case included.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        var body = JsonValues.ParseUtf8(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
        var messages = string.Join('\n', Texts(body));
        if (rules.FirstOrDefault(rule => rule.Fits(messages)) is not { } rule)
        {
            var shown = messages.Length > ShownLength ? messages[..ShownLength] + "..." : messages;
            return Response(HttpStatusCode.BadRequest, Object(("error", Object(("message", Text($"The scenario has no reply to this request: {shown}"))))));
        }

        var reply = rule.Reply;
        var text = reply.ValueKind == JsonValueKind.String ? reply.GetString()! : reply.Member("response") is { ValueKind: JsonValueKind.String } said ? said.GetString()! : "";
        // {{TAG}} in a reply is replaced by the id that the request asks for.
        if (Tag().Match(messages) is { Success: true } tag) text = text.Replace("{{TAG}}", tag.Groups["id"].Value, StringComparison.Ordinal);
        var calls = reply.Member("tool_calls") is { ValueKind: JsonValueKind.Array } asked ? asked.EnumerateArray().ToList() : [];
        var path = request.RequestUri!.AbsolutePath;
        // Four characters are about a token.
        var (sent, received) = (JsonValues.From((messages.Length / 4) + 1), JsonValues.From((text.Length / 4) + 1));
        return Response(HttpStatusCode.OK, path switch
        {
            _ when path.EndsWith("/api/generate", StringComparison.Ordinal) => Object(("response", Text(text)), ("done", JsonValues.True), ("prompt_eval_count", sent), ("eval_count", received)),
            _ when path.EndsWith("/v1/messages", StringComparison.Ordinal) => Anthropic(text, calls, sent, received),
            _ when path.EndsWith("/responses", StringComparison.Ordinal) => Object(
                ("id", Text("scenario")),
                ("output", JsonValues.Array(Object(("content", JsonValues.Array(Object(("type", Text("output_text")), ("text", Text(text)))))))),
                ("usage", Object(("input_tokens", sent), ("output_tokens", received)))),
            _ => OpenAi(text, calls, sent, received),
        });
    }

    private static JsonElement OpenAi(string text, List<JsonElement> calls, JsonElement sent, JsonElement received)
    {
        var message = new List<(string, JsonElement)> { ("role", Text("assistant")), ("content", text.Length == 0 && calls.Count > 0 ? JsonValues.Null : Text(text)) };
        if (calls.Count > 0)
        {
            message.Add(("tool_calls", JsonValues.Array(calls.Select(call => Object(
                ("id", call.Member("id") ?? Text("call_1")),
                ("type", Text("function")),
                ("function", Object(("name", call.Member("name") ?? Text("")), ("arguments", Text(ArgumentsOf(call))))))))));
        }

        return Object(
            ("id", Text("scenario")),
            ("choices", JsonValues.Array(Object(("index", JsonValues.From(0)), ("finish_reason", Text("stop")), ("message", Object([.. message]))))),
            ("usage", Object(("prompt_tokens", sent), ("completion_tokens", received))));
    }

    private static JsonElement Anthropic(string text, List<JsonElement> calls, JsonElement sent, JsonElement received)
    {
        var content = new List<JsonElement>();
        if (text.Length > 0 || calls.Count == 0) content.Add(Object(("type", Text("text")), ("text", Text(text))));
        content.AddRange(calls.Select(call => Object(
            ("type", Text("tool_use")), ("id", call.Member("id") ?? Text("toolu_1")), ("name", call.Member("name") ?? Text("")), ("input", call.Member("arguments") ?? JsonValues.EmptyObject))));
        return Object(("id", Text("scenario")), ("type", Text("message")), ("role", Text("assistant")), ("content", JsonValues.Array(content)), ("usage", Object(("input_tokens", sent), ("output_tokens", received))));
    }

    private static string ArgumentsOf(JsonElement call) => call.Member("arguments") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } arguments => JsonValues.Compact(arguments),
        null => "{}",
    };

    /// <summary>The texts of a request, in any of the forms.</summary>
    private static IEnumerable<string> Texts(JsonElement body)
    {
        foreach (var name in (string[])["system", "instructions", "prompt", "input"])
            if (body.Member(name) is { ValueKind: JsonValueKind.String } text) yield return text.GetString()!;
        foreach (var message in body.Member("messages") is { ValueKind: JsonValueKind.Array } messages ? messages.EnumerateArray() : [])
            foreach (var text in TextsOf(message.Member("content"))) yield return text;
    }

    private static IEnumerable<string> TextsOf(JsonElement? content) => content switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } parts => parts.EnumerateArray().SelectMany(part => TextsOf(part.Member("text") ?? part.Member("content"))),
        _ => [],
    };

    private static HttpResponseMessage Response(HttpStatusCode status, JsonElement body) => new(status)
    {
        Content = new ByteArrayContent(JsonValues.CompactUtf8(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    private static JsonElement Text(string text) => JsonValues.From(text);

    private static JsonElement Object(params (string Name, JsonElement Value)[] members) => JsonValues.Object(members.Select(member => KeyValuePair.Create(member.Name, member.Value)));

    [GeneratedRegex("<json_output id=\"(?<id>[^\"]+)\">", RegexOptions.None, 1000)]
    private static partial Regex Tag();
}
