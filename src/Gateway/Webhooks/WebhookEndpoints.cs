using System.Globalization;
using System.Runtime.InteropServices;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Webhooks;

/// <summary>The routes of webhooks (contract: semantics 4.8): the ingress of deliveries, the ping, and the log of deliveries with its replay, which is an addition.</summary>
internal sealed class WebhookEndpoints(IGrainFactory grains, IWebhookStore webhooks, IDeliveryStore deliveries, IOptions<GatewayOptions> options)
{
    private const int MostDeliveries = 100;

    /// <summary>The bodies that are being read have this many bytes together at most.</summary>
    private const long MostBytesInFlight = 256 * 1024 * 1024;

    private static readonly string[] Tags = ["v1", "integrations"];
    private static readonly Parameter WebhookId = Parameter.PathText("webhook_id");

    private static readonly Operation Ingress = new("POST", "/api/integrations/{provider}/webhooks/{webhook_id}/ingress", "postV1WebhookIngressGeneric", "Takes a delivery of a webhook; it is stored when this answers, and processed after that", Tags)
    {
        Parameters = [Parameter.PathText("provider"), WebhookId],
        Status = StatusCodes.Status202Accepted,
        NullableAnswer = true,
        IsPublic = true,
        IsIngress = true,
    };

    private long _bytesInFlight;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Ingress.Path, [Ingress.Method], ReceiveAsync).WithMetadata(Ingress);
        routes.MapOperation(
            new Operation("POST", "/api/integrations/webhooks/{webhook_id}/ping", "postV1WebhookPing", "Asks the provider of a webhook to send a ping and waits for it; false when the provider sends none", Tags)
            {
                Parameters = [WebhookId],
                Answers = [typeof(bool)],
            },
            PingAsync);
        routes.MapOperation(
            new Operation("GET", "/api/integrations/webhooks/{webhook_id}/deliveries", "getV1List webhook deliveries", "The deliveries of a webhook, newest first, and what each did", Tags)
            {
                Parameters =
                [
                    WebhookId, Parameter.QueryText("cursor", required: false),
                    new Parameter("limit", "query", false, """{"type": "integer", "minimum": 1, "maximum": 100, "default": 20}"""),
                ],
                Answers = [typeof(WebhookDeliveries)],
            },
            ListAsync);
        routes.MapOperation(
            new Operation("POST", "/api/integrations/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", "postV1Replay webhook delivery", "Processes a delivery once more, as a new one", Tags)
            {
                Creates = true,
                Parameters = [WebhookId, Parameter.PathText("delivery_id")],
                Status = StatusCodes.Status202Accepted,
                Answers = [typeof(WebhookReplay)],
            },
            ReplayAsync);
    }

    private static ApiException NotFound(string id) => ApiException.Detail(404, $"Webhook #{id} not found").BeforeAnyChange();

    /// <summary>Takes a delivery as it came: signatures are over the bytes of the body.</summary>
    private async Task ReceiveAsync(HttpContext context)
    {
        context.RequestServices.GetRequiredService<SiloReach>().Require();
        var (provider, id) = ((string)context.Request.RouteValues["provider"]!, (string)context.Request.RouteValues["webhook_id"]!);
        var body = await ReadAsync(context.Request);
        if (!Guid.TryParseExact(id, "D", out var webhookId)) throw NotFound(id);
        var answer = await grains.GetGrain<IWebhookGrain>(webhookId).Receive(new IncomingDelivery { Provider = provider, Headers = Headers(context.Request), Body = ImmutableCollectionsMarshal.AsImmutableArray(body) });
        switch (answer.Outcome)
        {
            case DeliveryOutcome.NotFound:
                throw NotFound(id);
            case DeliveryOutcome.Invalid:
                throw ApiException.Detail(400, answer.Reason!);
            case DeliveryOutcome.Forbidden:
                throw ApiException.Detail(403, answer.Reason!);
            default:
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                await context.Response.WriteAsJsonAsync((object?)null, GatewayJson.Options, "application/json", context.RequestAborted);
                break;
        }
    }

    /// <summary>The headers that a provider may sign, name an event or name a delivery with.</summary>
    private static Dictionary<string, string> Headers(HttpRequest request) => request.Headers
        .Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || header.Key.ToLowerInvariant() is "webhook-id" or "idempotency-key")
        .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value[0] ?? "", StringComparer.Ordinal);

    private async Task<byte[]> ReadAsync(HttpRequest request)
    {
        var most = options.Value.MaxWebhookBytes;
        if (request.ContentLength > most) throw TooLarge(most);
        var reserved = 0L;
        try
        {
            using var buffer = new MemoryStream((int)(request.ContentLength ?? 0));
            var block = new byte[16 * 1024];
            int read;
            while ((read = await request.Body.ReadAsync(block, request.HttpContext.RequestAborted)) > 0)
            {
                if (buffer.Length + read > most) throw TooLarge(most);
                reserved += read;
                if (Interlocked.Add(ref _bytesInFlight, read) > MostBytesInFlight) throw ApiException.Unavailable("Too many large deliveries at once; try again in a moment.");
                await buffer.WriteAsync(block.AsMemory(0, read), request.HttpContext.RequestAborted);
            }

            return buffer.Capacity == buffer.Length ? buffer.GetBuffer() : buffer.ToArray();
        }
        finally
        {
            Interlocked.Add(ref _bytesInFlight, -reserved);
        }
    }

    private static ApiException TooLarge(int most) => ApiException.Detail(413, $"The body of a delivery must not have more than {most} bytes.");

    private async Task<ApiResponse> PingAsync(ApiRequest request)
    {
        var answer = request.PathId("webhook_id") is { } id ? await grains.GetGrain<IWebhookGrain>(id).Ping(request.Caller.UserId) : new PingAnswer { Outcome = PingOutcome.NotFound };
        return answer.Outcome switch
        {
            PingOutcome.Arrived => ApiResponse.Ok((object?)true),
            PingOutcome.Unsupported => ApiResponse.Ok((object?)false),
            PingOutcome.TimedOut => throw ApiException.Detail(504, "Webhook ping timed out"),
            PingOutcome.Refused => throw ApiException.Error(400, answer.Reason!),
            _ => throw ApiException.Error(404, $"Webhook #{request.Path("webhook_id")} not found"),
        };
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request)
    {
        var limit = request.QueryNumber("limit", 20, 1, MostDeliveries)!.Value;
        request.Require();
        var id = await RequireOwnAsync(request);
        (DateTimeOffset, Guid)? before = null;
        if (request.QueryText("cursor") is { Length: > 0 } cursor) before = ReadCursor(cursor) ?? throw ApiException.Detail(422, "cursor: it must be the next_cursor of an earlier answer.");
        var page = await deliveries.ListAsync(id, before, limit + 1, request.Aborted);
        var shown = page.Take(limit).ToList();
        return ApiResponse.Ok(new WebhookDeliveries { Deliveries = [.. shown.Select(Read)], NextCursor = page.Count > limit ? WriteCursor(shown[^1].Delivery) : null });
    }

    private async Task<ApiResponse> ReplayAsync(ApiRequest request)
    {
        var id = await RequireOwnAsync(request);
        var copyId = request.Identity.ResourceId;
        if (request.PathId("delivery_id") is not { } deliveryId || !await grains.GetGrain<IWebhookGrain>(id).Replay(request.Caller.UserId, deliveryId, copyId))
            throw ApiException.Detail(404, $"Delivery #{request.Path("delivery_id")} not found").BeforeAnyChange();
        return new ApiResponse(StatusCodes.Status202Accepted, new WebhookReplay { DeliveryId = copyId.ToString() });
    }

    private async Task<Guid> RequireOwnAsync(ApiRequest request) =>
        request.PathId("webhook_id") is { } id && (await webhooks.FindAsync(id, request.Aborted))?.UserId == request.Caller.UserId ? id : throw NotFound(request.Path("webhook_id"));

    private static string WriteCursor(DeliveryRow delivery) => string.Create(CultureInfo.InvariantCulture, $"{delivery.ReceivedAt.UtcTicks}_{delivery.Id}");

    private static (DateTimeOffset, Guid)? ReadCursor(string cursor) =>
        cursor.Split('_') is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.Ticks && Guid.TryParseExact(id, "D", out var last)
            ? (new DateTimeOffset(at, TimeSpan.Zero), last)
            : null;

    private static WebhookDelivery Read(LoggedDelivery logged) => new()
    {
        Id = logged.Delivery.Id.ToString(),
        WebhookId = logged.Delivery.WebhookId.ToString(),
        DeliveryKey = logged.Delivery.Key,
        Event = logged.Delivery.Event,
        PayloadBytes = logged.PayloadBytes,
        ReplayOf = logged.Delivery.ReplayOf?.ToString(),
        ReceivedAt = logged.Delivery.ReceivedAt,
        ProcessedAt = logged.ProcessedAt,
        Attempts = logged.Delivery.Attempts,
        Error = logged.Error,
        Triggers =
        [
            .. logged.Triggers.OrderBy(trigger => trigger.PresetId).Select(trigger => new WebhookTriggerResult
            {
                PresetId = trigger.PresetId.ToString(),
                Status = trigger.State.ToString().ToLowerInvariant(),
                GraphExecId = trigger.State == TriggerState.Started ? trigger.RunId.ToString() : null,
                Reason = trigger.Reason,
            }),
        ],
    };
}
