using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Grainflow.Engine.Values;
using OpenAI.Chat;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Calls in OpenAI's form, by the OpenAI library: openai, groq, open_router, llama_api, aiml_api, v0, and every server that speaks it (contract: block-tiers, tier 2).</summary>
internal static class OpenAiForm
{
    /// <summary>Sends a call and reads its answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="http">Sends it.</param>
    /// <param name="exchange">The exchange under it.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<ModelAnswer> SendAsync(ModelCall call, HttpClient http, ModelExchange exchange, ChatModelOptions options, CancellationToken cancellationToken)
    {
        using var content = BinaryContent.Create(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(Body(call))));
        var client = new ChatClient(call.ServedModel, new ApiKeyCredential(call.Request.Credential.Secret), OpenAiClients.Options(call.Provider.BaseUrl, http));
        var result = await client.CompleteChatAsync(content, OpenAiClients.Request(call.Provider, options, cancellationToken));
        using var response = result.GetRawResponse();
        return await ReadAsync(response, exchange, call, cancellationToken);
    }

    private static async Task<ModelAnswer> ReadAsync(PipelineResponse response, ModelExchange exchange, ModelCall call, CancellationToken cancellationToken)
    {
        var answer = new OpenAiAnswer(call.Provider, exchange.IsEventStream ? call.Request.Partial : null);
        var stream = response.ContentStream ?? Stream.Null;
        if (!exchange.IsEventStream)
        {
            // A server that does not stream answers as if it had not been asked to.
            answer.Add(AnswerJson.Parse(await OpenAiClients.ReadTextAsync(stream, cancellationToken), call.Provider));
            answer.End();
            return answer.ToAnswer();
        }

        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                answer.End();
                break;
            }

            if (item.Data.Length > 0) answer.Add(AnswerJson.Parse(item.Data, call.Provider));
        }

        return answer.ToAnswer();
    }

    // Not written by the OpenAI package, which has only the newer of the two limit fields and adds fields that some providers refuse.
    private static JsonElement Body(ModelCall call) => JsonValues.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("model", call.ServedModel);
        writer.WriteStartArray("messages");
        foreach (var message in call.Request.Messages) message.ToJson().WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteNumber(call.Provider.LimitField, call.Limit);
        if (call.Request.JsonMode && call.Provider.HasJsonMode)
        {
            writer.WriteStartObject("response_format");
            writer.WriteString("type", "json_object");
            writer.WriteEndObject();
        }

        WriteTools(writer, call);
        if (call.Streams)
        {
            writer.WriteBoolean("stream", true);
            // The counts come in the last part.
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    private static void WriteTools(Utf8JsonWriter writer, ModelCall call)
    {
        if (call.Tools.IsEmpty) return;
        writer.WriteStartArray("tools");
        foreach (var tool in call.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description);
            writer.WritePropertyName("parameters");
            tool.Parameters.WriteTo(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        // The models o1, o3 and so on refuse the field.
        if (call.Request.ParallelToolCalls is { } several && !call.Model.Id.StartsWith('o')) writer.WriteBoolean("parallel_tool_calls", several);
    }
}
