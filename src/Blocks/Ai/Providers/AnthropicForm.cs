using System.Net.ServerSentEvents;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Calls in Anthropic's form, by the Anthropic library (contract: block-tiers, tier 2).</summary>
internal static class AnthropicForm
{
    private static readonly Dictionary<string, JsonElement> Nothing = [];

    /// <summary>Sends a call and reads its answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="http">Sends it.</param>
    /// <param name="exchange">The exchange under it.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<ModelAnswer> SendAsync(ModelCall call, HttpClient http, ModelExchange exchange, ChatModelOptions options, CancellationToken cancellationToken)
    {
        using var client = new AnthropicClient(new ClientOptions
        {
            HttpClient = http,
            BaseUrl = call.Provider.BaseUrl.AbsoluteUri.TrimEnd('/'),
            ApiKey = call.Request.Credential.Secret,
            MaxRetries = 0,
            Timeout = options.Timeout,
        });
        try
        {
            using var response = await client.WithRawResponse.Messages.Create(MessageCreateParams.FromRawUnchecked(Nothing, Nothing, Body(call)), cancellationToken);
            await using var stream = await response.ReadAsStream(cancellationToken);
            return await ReadAsync(stream, exchange, call, cancellationToken);
        }
        catch (AnthropicApiException exception)
        {
            // Not kept as the cause: it contains the whole answer of the provider, which may repeat the key.
            throw new ChatModelException(AnswerJson.ErrorOf(exception.ResponseBody) ?? $"{call.Provider.Name} failed: it answered with status {(int)exception.StatusCode}.");
        }
        catch (AnthropicIOException exception)
        {
            throw exception.InnerException as HttpRequestException ?? new HttpRequestException(exception.Message, exception.InnerException);
        }
    }

    private static async Task<ModelAnswer> ReadAsync(Stream stream, ModelExchange exchange, ModelCall call, CancellationToken cancellationToken)
    {
        var answer = new AnthropicAnswer(call.Request.Partial);
        if (!exchange.IsEventStream)
        {
            answer.AddWhole(AnswerJson.Parse(await OpenAiClients.ReadTextAsync(stream, cancellationToken), call.Provider));
            return answer.ToAnswer(call.Provider);
        }

        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data.Length > 0 && answer.Add(AnswerJson.Parse(item.Data, call.Provider))) break;
        }

        return answer.ToAnswer(call.Provider);
    }

    private static Dictionary<string, JsonElement> Body(ModelCall call)
    {
        var body = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["model"] = JsonValues.From(call.ServedModel),
            ["messages"] = JsonValues.Array(AnthropicMessages.Of(call.Request.Messages)),
            [call.Provider.LimitField] = JsonValues.From(call.Limit),
        };
        var system = string.Join(' ', call.Request.Messages.Where(message => message.Role == "system").Select(message => message.Content));
        if (system.Length > 0) body["system"] = JsonValues.From(system);
        if (!call.Tools.IsEmpty)
        {
            body["tools"] = JsonValues.Array(call.Tools.Select(tool => JsonValues.Object(
                KeyValuePair.Create("name", JsonValues.From(tool.Name)),
                KeyValuePair.Create("description", JsonValues.From(tool.Description)),
                KeyValuePair.Create("input_schema", tool.Parameters))));
        }

        if (call.Streams) body["stream"] = JsonValues.True;
        return body;
    }
}
