using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Calls in Ollama's own form, <c>api/generate</c> (contract: block-tiers, tier 2).</summary>
internal static class OllamaForm
{
    /// <summary>The host of the pin when nobody sets it.</summary>
    public const string DefaultHost = "localhost:11434";

    /// <summary>Sends a call and reads its answer, a JSON object on each line.</summary>
    /// <param name="call">The call.</param>
    /// <param name="http">Sends it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<ModelAnswer> SendAsync(ModelCall call, HttpClient http, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(call.Provider.BaseUrl));
        request.Content = new ByteArrayContent(JsonValues.CompactUtf8(Body(call)));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        if (!response.IsSuccessStatusCode) throw Refused(call.Provider, response.StatusCode, await reader.ReadToEndAsync(cancellationToken));

        var text = new StringBuilder();
        var thinking = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            var part = AnswerJson.Parse(line, call.Provider);
            if (AnswerJson.ErrorOf(part) is { } error) throw new ChatModelException(error);
            var piece = AnswerJson.Text(part, "response");
            text.Append(piece);
            if (call.Streams) call.Request.Partial?.Append(piece);
            thinking.Append(AnswerJson.Text(part, "thinking"));
            if (AnswerJson.Get(part, "done") is not { ValueKind: JsonValueKind.True }) continue;
            return new ModelAnswer
            {
                Text = text.ToString(),
                Reasoning = thinking.Length > 0 ? thinking.ToString() : null,
                InputTokens = AnswerJson.Tokens(part, "prompt_eval_count"),
                OutputTokens = AnswerJson.Tokens(part, "eval_count"),
            };
        }

        throw new IOException("the stream ended in the middle of the answer");
    }

    /// <summary>The base address of a host as users write it.</summary>
    /// <param name="host">A host with or without port, or an http or https address.</param>
    /// <exception cref="ChatModelException">It is neither.</exception>
    public static Uri BaseOf(string host)
    {
        var text = host.Contains("://", StringComparison.Ordinal) ? host : "http://" + host;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address!
            : throw new ChatModelException("'ollama_host' must be a host with its port, such as localhost:11434.");
    }

    private static Uri Address(Uri address) => new(address.AbsoluteUri.TrimEnd('/') + "/api/generate");

    private static JsonElement Body(ModelCall call)
    {
        var messages = call.Request.Messages;
        var prompt = ListOf(messages.Where(message => message.Role == "system")) + "\n\n" + ListOf(messages.Where(message => message.Role != "system"));
        return JsonValues.Object(
            KeyValuePair.Create("model", JsonValues.From(call.ServedModel)),
            KeyValuePair.Create("prompt", JsonValues.From(prompt)),
            KeyValuePair.Create("stream", JsonValues.From(call.Streams)),
            KeyValuePair.Create("options", JsonValues.Object(KeyValuePair.Create(call.Provider.LimitField, JsonValues.From(call.Limit)))));
    }

    private static string ListOf(IEnumerable<ChatMessage> messages) => PythonText.Repr(JsonValues.Array(messages.Select(message => JsonValues.From(message.Content))));

    private static ChatModelException Refused(ChatProvider provider, HttpStatusCode status, string body) =>
        new(AnswerJson.ErrorOf(body) ?? $"{provider.Name} failed: it answered with status {(int)status}.");
}
