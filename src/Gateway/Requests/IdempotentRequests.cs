using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Grainflow.Gateway.Requests;

/// <summary>The process that handles requests, by which others notice that it is gone.</summary>
/// <param name="Silo">The address and generation of its silo; null for a process without one.</param>
/// <param name="Gateway">For a process without a silo, its row in the table of gateways; else null.</param>
public sealed record RequestHolder(string? Silo, Guid? Gateway = null);

/// <summary>
/// Handles requests that create or charge. A request with an <c>Idempotency-Key</c> is executed only once (decision 27): repetitions get the same answer for
/// 24 hours, 409 while the first one is under way, and 422 when the key was used for another request. A request that was refused before it
/// changed anything (<see cref="ApiException.NothingWasDone"/>) does not use up its key.
/// </summary>
internal sealed partial class IdempotentRequests(IGrainFactory grains, RequestHolder holder, TimeProvider clock, ILogger<IdempotentRequests> logger)
{
    /// <summary>The name of the header.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>Tells the end of a claim again that was not acknowledged, for some minutes; then the claim expires by itself.</summary>
    private readonly ResiliencePipeline _ends = new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(),
            MaxRetryAttempts = 7,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(1),
        })
        .Build();

    /// <summary>Handles a request, or answers it as before when it repeats an earlier one.</summary>
    /// <param name="context">The HTTP request.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="request">The same request, parsed.</param>
    /// <param name="handle">The handler of the operation.</param>
    public async Task<ApiResponse> HandleAsync(HttpContext context, Operation operation, ApiRequest request, Func<ApiRequest, Task<ApiResponse>> handle)
    {
        if (KeyOf(context.Request) is not { } key) return await handle(request);
        var userId = request.Caller.UserId;
        var known = grains.GetGrain<IRequestKeyGrain>(RequestKeys.GrainKey(userId, key));
        var claim = await ClaimAsync(known, new ClaimRequest { UserId = userId, Key = key, Fingerprint = Fingerprint(context.Request, request), Silo = holder.Silo, Gateway = holder.Gateway, Claim = Guid.NewGuid() });
        switch (claim.Verdict)
        {
            case RequestVerdict.Answered:
                return new ApiResponse(claim.Status, claim.Answer);
            case RequestVerdict.UnderWay:
                throw ApiException.Detail(409, $"The request with this {Header} is under way. Send it again later for its answer.");
            case RequestVerdict.Differs:
                throw Invalid(key, $"This {Header} was used for another request within 24 hours. Use a new key for a new request.");
        }

        try
        {
            var answer = await handle(request.WithIdentity(new RequestIdentity(claim.ResourceId, claim.Repeated)));
            if (operation.AnswersSecret)
            {
                await AbandonAsync(known, claim.Claim, nothingWasDone: false);
                return answer;
            }

            var body = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(answer.Body, GatewayJson.Options));
            await known.Answer(claim.Claim, answer.Status, body);
            return answer with { Body = body };
        }
        catch (Exception exception)
        {
            // Unless the handler reports that nothing was done, it may have created something; a repetition is then handled with the same resource id.
            await AbandonAsync(known, claim.Claim, exception is ApiException { NothingWasDone: true } && !claim.Repeated);
            throw;
        }
    }

    /// <summary>Claims a request. A claim whose answer is lost may have been made, and nobody handles it: it is ended, or repetitions would be told that the request is under way.</summary>
    private async Task<RequestClaim> ClaimAsync(IRequestKeyGrain known, ClaimRequest command)
    {
        try
        {
            return await known.Claim(command);
        }
        catch (Exception)
        {
            // The grain takes it after the claim, which it may still be making.
            _ = EndLaterAsync(known, command.Claim, nothingWasDone: false);
            throw;
        }
    }

    /// <summary>Ends a claim. A failure is only logged, so that the client still gets the answer to its request, and the end is told again.</summary>
    private async Task AbandonAsync(IRequestKeyGrain known, Guid claim, bool nothingWasDone)
    {
        try
        {
            await known.Abandon(claim, nothingWasDone);
        }
        catch (Exception exception)
        {
            NotAbandoned(exception);
            _ = EndLaterAsync(known, claim, nothingWasDone);
        }
    }

    /// <summary>Tells the end of a claim until it is acknowledged, with growing pauses. The claim ends with this process as well.</summary>
    private async Task EndLaterAsync(IRequestKeyGrain known, Guid claim, bool nothingWasDone)
    {
        try
        {
            await _ends.ExecuteAsync(async _ => await known.Abandon(claim, nothingWasDone));
        }
        catch (Exception exception)
        {
            NotAbandoned(exception);
        }
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values)) return null;
        var key = values.ToString();
        if (values.Count != 1 || key.Length is 0 or > MaxLength || key.Any(c => c is < ' ' or > '~'))
            throw Invalid(key, $"{Header} should be 1 to {MaxLength} printable ASCII characters, a UUID for example");
        return key;
    }

    private static ApiException Invalid(string key, string message) =>
        ApiException.Invalid([new ValidationProblem("value_error", ["header", Header], message, JsonSerializer.SerializeToElement(key))]);

    private static string Fingerprint(HttpRequest request, ApiRequest parsed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        if (parsed.Body is { } given) hash.AppendData(JsonMarshal.GetRawUtf8Value(given));
        if (parsed.File is { } file)
        {
            hash.AppendData(file.Hash.Span);
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.ContentType}\n{file.Name}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [LoggerMessage(2003, LogLevel.Warning, "A request with an Idempotency-Key failed, and its claim could not be ended; that is tried again, and repetitions are answered with 409 until then or until the claim expires.")]
    private partial void NotAbandoned(Exception exception);
}
