using System.ClientModel;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;
using OpenAI;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Calls to OpenAI's Responses API, by the OpenAI library (contract: block-tiers, Code Generation).</summary>
internal static class ResponsesForm
{
    /// <summary>Sends a call and reads its answer.</summary>
    /// <param name="call">The call, with <see cref="ChatRequest.Reasoning"/>.</param>
    /// <param name="http">Sends it.</param>
    /// <param name="exchange">The exchange under it.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<ModelAnswer> SendAsync(ModelCall call, HttpClient http, ModelExchange exchange, ChatModelOptions options, CancellationToken cancellationToken)
    {
        using var content = BinaryContent.Create(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(Body(call))));
        // The client of this API is marked as experimental in the library; its pipeline sends what the table of tier 2 asks for.
        var client = new OpenAIClient(new ApiKeyCredential(call.Request.Credential.Secret), OpenAiClients.Options(call.Provider.BaseUrl, http));
        using var message = client.Pipeline.CreateMessage(new Uri(call.Provider.BaseUrl.AbsoluteUri.TrimEnd('/') + "/responses"), "POST");
        message.Request.Headers.Set("Content-Type", "application/json");
        message.Request.Headers.Set("Accept", "application/json");
        message.Request.Content = content;
        message.Apply(OpenAiClients.Request(call.Provider, options, cancellationToken));
        await client.Pipeline.SendAsync(message);
        var response = message.Response!;
        if (response.IsError) throw await ClientResultException.CreateAsync(response);
        var stream = response.ContentStream ?? Stream.Null;
        if (!exchange.IsEventStream) return Read(AnswerJson.Parse(await OpenAiClients.ReadTextAsync(stream, cancellationToken), call.Provider), call.Provider);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            // The parts before the last event are in it once more.
            if (item.EventType is "response.completed" or "response.incomplete" or "response.failed" or "error")
            {
                var part = AnswerJson.Parse(item.Data, call.Provider);
                return Read(AnswerJson.Get(part, "response") ?? part, call.Provider);
            }
        }

        throw new IOException("the stream ended in the middle of the answer");
    }

    private static JsonElement Body(ModelCall call) => JsonValues.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("model", call.ServedModel);
        writer.WriteString("input", string.Join("\n\n", call.Request.Messages.Where(message => message.Role != "system").Select(message => message.Content)));
        var instructions = string.Join("\n\n", call.Request.Messages.Where(message => message.Role == "system").Select(message => message.Content));
        if (instructions.Length > 0) writer.WriteString("instructions", instructions);
        if (call.Request.MaxTokens is { } most) writer.WriteNumber("max_output_tokens", most);
        if (call.Request.Reasoning?.Effort is { } effort)
        {
            writer.WriteStartObject("reasoning");
            writer.WriteString("effort", effort);
            writer.WriteEndObject();
        }

        if (call.Streams) writer.WriteBoolean("stream", true);
        writer.WriteEndObject();
    });

    private static ModelAnswer Read(JsonElement response, ChatProvider provider)
    {
        var output = AnswerJson.List(response, "output").ToList();
        if (output.Count == 0) throw new ChatModelException(AnswerJson.ErrorOf(response) ?? $"{provider.Name} answered without an output.");
        var (text, reasoning) = (new StringBuilder(), new StringBuilder());
        foreach (var item in output)
        {
            foreach (var part in AnswerJson.List(item, "content")) text.Append(AnswerJson.Text(part, "text") ?? AnswerJson.Text(part, "refusal"));
            foreach (var part in AnswerJson.List(item, "summary")) reasoning.Append(AnswerJson.Text(part, "text"));
        }

        var usage = AnswerJson.Get(response, "usage");
        return new ModelAnswer
        {
            Text = text.ToString(),
            Reasoning = reasoning.Length > 0 ? reasoning.ToString() : null,
            Id = AnswerJson.Text(response, "id"),
            InputTokens = AnswerJson.Tokens(usage, "input_tokens"),
            OutputTokens = AnswerJson.Tokens(usage, "output_tokens"),
        };
    }
}
