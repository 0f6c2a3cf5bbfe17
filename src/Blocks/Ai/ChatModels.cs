using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Grainflow.Engine.Values;
using OpenAI;
using OpenAI.Chat;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Calls the providers with OpenAI's protocol: openai, groq, open_router, llama_api, aiml_api, v0 (contract: block-tiers,
/// tier 2). It does not repeat failed calls; blocks do.
/// </summary>
/// <param name="options">Settings.</param>
/// <param name="http">The HTTP client. Its time limit must not be below that of the settings. The caller disposes it.</param>
public sealed class ChatModels(ChatModelOptions options, HttpClient http) : IChatModels
{
    /// <inheritdoc/>
    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var model = ModelTable.Find(request.Model) ?? throw new ChatModelException($"There is no model '{request.Model}'.");
        var provider = ChatProvider.Find(model.Provider, options);
        if (request.Credential.Provider != model.Provider)
            throw new ChatModelException($"The model '{model.Id}' needs a credential for {model.Provider}, not for {request.Credential.Provider}.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var content = BinaryContent.Create(BinaryData.FromBytes(Body(request, model, provider)));
            var result = await Client(request, provider).CompleteChatAsync(content, Request(provider, limit.Token));
            return ChatAnswer.Read(result.GetRawResponse().Content, provider.Name);
        }
        catch (ClientResultException e)
        {
            // Not the inner exception: it contains the provider's whole answer, which may repeat the API key.
            var message = ChatAnswer.ErrorOf(e.GetRawResponse()?.Content) ?? $"{provider.Name} failed: {e.Message.ReplaceLineEndings(" ")}";
            throw new ChatModelException(Redacted(message, request.Credential.Secret));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatModelException($"{provider.Name} did not answer within {options.Timeout.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ChatModelException(Redacted($"{provider.Name} could not be reached: {e.Message}", request.Credential.Secret), e);
        }
    }

    private ChatClient Client(ChatRequest request, ChatProvider provider) => new(request.Model, new ApiKeyCredential(request.Credential.Secret), new OpenAIClientOptions
    {
        Endpoint = provider.BaseUrl,
        Transport = new HttpClientPipelineTransport(http),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        NetworkTimeout = Timeout.InfiniteTimeSpan,
        EnableDistributedTracing = false,
    });

    private RequestOptions Request(ChatProvider provider, CancellationToken cancellationToken)
    {
        var request = new RequestOptions { CancellationToken = cancellationToken };
        foreach (var header in provider.Headers) request.SetHeader(header, header == "HTTP-Referer" ? options.ApplicationUrl.AbsoluteUri : options.ApplicationName);
        return request;
    }

    // Not written by the OpenAI package: it does not have the older name of the limit field, and it writes fields that some providers refuse.
    private static byte[] Body(ChatRequest request, ModelInfo model, ChatProvider provider)
    {
        var body = JsonValues.Build(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("model", model.Id);
            writer.WriteStartArray("messages");
            foreach (var message in request.Messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role", message.Role);
                writer.WriteString("content", message.Content);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNumber(provider.LimitField, OutputLimit.Of(model, request.Messages, request.MaxTokens));
            if (request.JsonMode && provider.HasJsonMode)
            {
                writer.WriteStartObject("response_format");
                writer.WriteString("type", "json_object");
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private static string Redacted(string message, string secret) => secret.Length == 0 ? message : message.Replace(secret, "***", StringComparison.Ordinal);
}
