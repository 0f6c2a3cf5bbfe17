using System.ClientModel;
using System.Net;
using Grainflow.Blocks.Ai.Providers;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Calls the providers of language models: those whose API has the form of OpenAI's, Anthropic and Ollama (contract: block-tiers, tier 2). A call is sent once, because a
/// provider charges for each that it receives; the AI blocks repeat failed calls by their <c>retry</c> pin and count that. It is sent again only when the provider has
/// refused it unread: it was asked too often and says when to come back, or it does not stream this model.
/// </summary>
/// <param name="options">Settings.</param>
/// <param name="transport">Sends calls to addresses of the operator, made by <see cref="CreateTransport"/>; the caller keeps ownership.</param>
/// <param name="guarded">Sends calls to addresses of users, made by <see cref="OutgoingHttp.CreateTransport"/>; the caller keeps ownership.</param>
/// <param name="clock">Measures the time limits; null for the system's.</param>
public sealed class ChatModels(ChatModelOptions options, HttpMessageHandler transport, HttpMessageHandler guarded, TimeProvider? clock = null) : IChatModels
{
    private const string MayBeCharged = "The call may have been received and charged";

    // A provider that says "come back at once" again and again is not asked for ever.
    private const int MostRepeats = 10;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>
    /// Makes the transport of calls to models; the caller disposes it. Their addresses come from the operator alone and are not checked.
    /// </summary>
    /// <remarks>
    /// Each call takes a connection of its own. A provider, or a load balancer before it, may close a kept connection in the moment in which a
    /// call is written to it; then the call is lost, and repeating it could charge twice. Beside a call a TLS handshake is short.
    /// </remarks>
    public static HttpMessageHandler CreateTransport() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ActivityHeadersPropagator = new TraceparentPropagator(),
    };

    /// <inheritdoc/>
    public ModelInfo Describe(string model, string provider) => ModelTable.Find(model) ?? ModelTable.Unknown(model, provider, options.UnknownContextWindow, options.UnknownMaxOutput);

    /// <inheritdoc/>
    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var model = Describe(request.Model, request.Credential.Provider);
        if (request.Credential.Provider != model.Provider)
            throw new ChatModelException($"The model '{model.Id}' needs a credential for {model.Provider}, not for {request.Credential.Provider}.");
        var provider = ChatProvider.Find(model.Provider, options);
        if (provider.Tools == ToolSupport.Refused && !request.Tools.IsEmpty) throw new ChatModelException($"{provider.Name} takes no tools. Choose a model of another provider.");
        var own = OwnAddress(request, provider);
        var send = own is null ? transport : guarded;
        if (own is not null) provider = provider with { BaseUrl = own };
        var call = new ModelCall(request, model, provider, OutputLimit.Of(model, request.Messages, request.MaxTokens), options.Streaming);
        return await CompleteAsync(call, send, cancellationToken);
    }

    /// <summary>The address of the user's own server, which comes before that of the settings and is not trusted as that is; null when the call goes to the address of the operator.</summary>
    private Uri? OwnAddress(ChatRequest request, ChatProvider provider) => provider.Form switch
    {
        ApiForm.Ollama when request.OllamaHost is { Length: > 0 } host && (host != OllamaForm.DefaultHost || !options.BaseUrls.ContainsKey(provider.Name)) => OllamaForm.BaseOf(host),
        ApiForm.OpenAi => request.Credential.BaseUrl,
        _ => null,
    };

    private async Task<ChatReply> CompleteAsync(ModelCall call, HttpMessageHandler send, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var waited = TimeSpan.Zero;
        for (var repeats = 0; ; repeats++)
        {
            using var exchange = new ModelExchange(send, options, _clock);
            call.Request.Partial?.Begin();
            try
            {
                var answer = await SendAsync(call, exchange, either.Token);
                return ReplyOf(call, answer, repeats);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ChatModelException($"{call.Provider.Name} did not answer within {options.Timeout.TotalSeconds:0} seconds. {MayBeCharged}.");
            }
            catch (ChatModelException e)
            {
                if (call.Streams && DoesNotStream(exchange, e.Message))
                {
                    call = call with { Streams = false };
                    continue;
                }

                if (exchange.RetryAfter is not { } wait) throw;
                if (repeats >= MostRepeats || waited + wait > options.RateLimitWait)
                    throw new ChatModelException($"{e.Message.TrimEnd('.')}. {call.Provider.Name} asks to come back in {Math.Ceiling(wait.TotalSeconds):0} seconds.");
                waited += wait;
                await WaitAsync(wait, call.Provider, either.Token, cancellationToken);
            }
        }
    }

    private async Task<ModelAnswer> SendAsync(ModelCall call, ModelExchange exchange, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(exchange, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            return call.Provider.Form switch
            {
                ApiForm.Anthropic => await AnthropicForm.SendAsync(call, http, exchange, options, cancellationToken),
                ApiForm.Ollama => await OllamaForm.SendAsync(call, http, cancellationToken),
                _ when call.Request.Reasoning is not null => await ResponsesForm.SendAsync(call, http, exchange, options, cancellationToken),
                _ => await OpenAiForm.SendAsync(call, http, exchange, options, cancellationToken),
            };
        }
        catch (ClientResultException e) when (e.GetRawResponse() is not null)
        {
            // Not kept as the cause: it contains the whole answer of the provider, which may repeat the key.
            throw Failure(AnswerJson.ErrorOf(e.GetRawResponse()?.Content.ToString()) ?? $"{call.Provider.Name} failed: {e.Message.ReplaceLineEndings(" ")}", call);
        }
        catch (ChatModelException e)
        {
            throw Failure(e.Message, call);
        }
        catch (Exception e) when (e is ClientResultException or HttpRequestException or IOException or OutgoingHttpException)
        {
            throw Failure(Unanswered(call.Provider, e is ClientResultException ? e.InnerException ?? e : e), call, e);
        }
    }

    // Some organisations may not stream some models, and some servers do not know how to; both refuse the call and name the field.
    private static bool DoesNotStream(ModelExchange exchange, string message) =>
        exchange.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity && message.Contains("stream", StringComparison.OrdinalIgnoreCase);

    private async Task WaitAsync(TimeSpan wait, ChatProvider provider, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, _clock, either);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatModelException($"{provider.Name} was asked too often, and did not answer within {options.Timeout.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>The reply with the counts of the provider, and in the place of those that it did not give our own: exact by the vocabulary of the model where that is known, else estimates.</summary>
    private static ChatReply ReplyOf(ModelCall call, ModelAnswer answer, int repeats) => new(answer.Text, answer.InputTokens ?? SentTokens(call), answer.OutputTokens ?? ReceivedTokens(call, answer))
    {
        ToolCalls = answer.ToolCalls,
        Reasoning = answer.Reasoning,
        Message = answer.Message,
        Annotations = answer.Annotations,
        Id = answer.Id,
        CostUsd = answer.CostUsd,
        Repeats = repeats,
    };

    private static long SentTokens(ModelCall call)
    {
        var vocabulary = TokenVocabulary.Of(call.ServedModel);
        return call.Request.Messages.Sum(message => OutputLimit.Tokens(message, vocabulary));
    }

    private static long ReceivedTokens(ModelCall call, ModelAnswer answer)
    {
        var vocabulary = TokenVocabulary.Of(call.ServedModel);
        return answer.ToolCalls.SelectMany(tool => new[] { tool.Name, tool.Arguments }).Append(answer.Text).Append(answer.Reasoning ?? "").Sum(text => (long)vocabulary.Count(text));
    }

    private static string Unanswered(ChatProvider provider, Exception e)
    {
        // These come before anything of the call was sent.
        if (Refusal(e) is { } refused) return refused.Message;
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError })
            return $"{provider.Name} could not be reached: {e.Message}";
        var reason = e is HttpRequestException { InnerException: IOException inner } ? inner.Message : e.Message;
        return $"{provider.Name} did not answer completely: {reason.TrimEnd('.')}. {MayBeCharged}.";
    }

    private static OutgoingHttpException? Refusal(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            if (e is OutgoingHttpException refusal) return refusal;
        return null;
    }

    private static ChatModelException Failure(string message, ModelCall call, Exception? cause = null)
    {
        var secret = call.Request.Credential.Secret;
        return new ChatModelException(secret.Length == 0 ? message : message.Replace(secret, "***", StringComparison.Ordinal), cause);
    }
}
