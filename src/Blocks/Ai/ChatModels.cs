using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using OpenAI;
using OpenAI.Chat;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Calls the providers whose API has the form of OpenAI's: openai, groq, open_router, llama_api, aiml_api, v0 (contract: block-tiers,
/// tier 2). Every call is sent once, because a provider charges for each that it receives; the AI blocks repeat failed calls by their
/// <c>retry</c> pin and count that.
/// </summary>
/// <param name="options">Settings.</param>
/// <param name="http">
/// Sends the calls, made by <see cref="CreateHttpClient"/>. Its own time limit must not be below that of the settings; the caller keeps ownership.
/// </param>
public sealed class ChatModels(ChatModelOptions options, HttpClient http) : IChatModels
{
    private const string MayBeCharged = "The call may have been received and charged";

    /// <summary>
    /// Makes an HTTP client for calls to models; the caller disposes it. Addresses of models come from the operator alone and are not checked.
    /// </summary>
    /// <remarks>
    /// Each call takes a connection of its own. A provider, or a load balancer before it, may close a kept connection in the moment in which a
    /// call is written to it; then the call is lost, and repeating it could charge twice. Beside a call a TLS handshake is short.
    /// </remarks>
    public static HttpClient CreateHttpClient()
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ActivityHeadersPropagator = new TraceparentPropagator(),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 32 * 1024 * 1024,
        };
        client.DefaultRequestHeaders.ConnectionClose = true;
        return client;
    }

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
        catch (ClientResultException e) when (e.GetRawResponse() is not null)
        {
            // Not kept as the cause: it contains the whole answer of the provider, which may repeat the key.
            var message = ChatAnswer.ErrorOf(e.GetRawResponse()?.Content) ?? $"{provider.Name} failed: {e.Message.ReplaceLineEndings(" ")}";
            throw new ChatModelException(Redacted(message, request.Credential.Secret));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatModelException($"{provider.Name} did not answer within {options.Timeout.TotalSeconds:0} seconds. {MayBeCharged}.");
        }
        catch (Exception e) when (e is ClientResultException or HttpRequestException or IOException)
        {
            throw new ChatModelException(Redacted(Unanswered(provider, e is ClientResultException ? e.InnerException ?? e : e), request.Credential.Secret), e);
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

    private static string Unanswered(ChatProvider provider, Exception e)
    {
        // These come before anything of the call was sent.
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError })
            return $"{provider.Name} could not be reached: {e.Message}";
        var reason = e is HttpRequestException { InnerException: IOException inner } ? inner.Message : e.Message;
        return $"{provider.Name} did not answer completely: {reason.TrimEnd('.')}. {MayBeCharged}.";
    }

    // Not written by the OpenAI package, which has only the newer of the two limit fields and adds fields that some providers refuse.
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
