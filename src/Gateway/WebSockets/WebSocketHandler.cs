using System.Net.WebSockets;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>The endpoint <c>/ws</c>: handshake, token, and the answers to the messages of clients (contract: websocket).</summary>
internal sealed partial class WebSocketHandler(
    AccessTokens tokens,
    RequestOrigins origins,
    LiveRuns live,
    IOptions<LiveOptions> options,
    TimeProvider clock,
    IHostApplicationLifetime lifetime,
    GatewayMetrics metrics,
    ILogger<WebSocketHandler> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        if (origins.Refusal(context.Request) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(refusal);
            return;
        }

        // A browser sees a close code only after an accepted handshake (decision 4).
        var caller = await tokens.ReadAsync(context.Request.Query["token"], context.RequestAborted);
        var upgrade = context.Features.Get<HeldUpgrade>();
        using var accepted = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = options.Value.KeepAlive,
            KeepAliveTimeout = options.Value.KeepAlive,
        });
        using var socket = new ClientSocket(accepted, upgrade?.Connection, options.Value, clock, logger);
        using var stopping = lifetime.ApplicationStopping.UnsafeRegister(
            static state => ((ClientSocket)state!).Close(WebSocketCloseStatus.EndpointUnavailable, "the server stops"), socket);
        metrics.CountToken("websocket", caller.Caller is not null);
        if (caller.Caller is not { } user)
        {
            await RefuseAsync(socket, CloseCode(caller.Failure), caller.Message);
            return;
        }

        if (live.Connect(user.UserId, socket) is not { } feed)
        {
            await RefuseAsync(socket, CloseCodes.TryAgainLater, "there are too many connections");
            return;
        }

        using var connected = metrics.CountSocket();
        // The client need not wait for it; it has no notifications from before.
        _ = feed.ListenAsync();
        try
        {
            await socket.RunAsync(message => AnswerAsync(feed, socket, message));
        }
        finally
        {
            await live.DisconnectAsync(feed, socket);
        }
    }

    private static Task RefuseAsync(ClientSocket socket, int code, string reason)
    {
        socket.Close((WebSocketCloseStatus)code, reason);
        return socket.RunAsync(_ => Task.CompletedTask);
    }

    private static int CloseCode(TokenFailure failure) => failure switch
    {
        TokenFailure.Missing => CloseCodes.NoToken,
        TokenFailure.NoSubject => CloseCodes.NoSubject,
        TokenFailure.Unverifiable => CloseCodes.TryAgainLater,
        _ => CloseCodes.InvalidToken,
    };

    private async Task AnswerAsync(UserFeed feed, ClientSocket socket, ReadOnlyMemory<byte> utf8)
    {
        if (ClientMessage.Read(utf8, out var error) is not { } message)
        {
            socket.Post(new Frame(ServerMessages.Error(error), Subject: null));
            return;
        }

        try
        {
            await AnswerAsync(feed, socket, message);
        }
        catch (Exception exception)
        {
            // The contract for any other failure: no reply, a line in the log, and the socket stays open (websocket, error cases).
            NotAnswered(exception, ServerMessages.Name(message.Method));
        }
    }

    private static async Task AnswerAsync(UserFeed feed, ClientSocket socket, ClientMessage message)
    {
        switch (message.Method)
        {
            case ClientMethod.Heartbeat:
                socket.Post(new Frame(ServerMessages.Pong, Subject: null));
                break;
            case ClientMethod.SubscribeRun:
                await feed.SubscribeToRunAsync(socket, message.RunId!, message.FromSequence, message.WantsPartial);
                break;
            case ClientMethod.SubscribeGraph:
                await feed.SubscribeToGraphAsync(socket, message.GraphId!);
                break;
            case ClientMethod.Unsubscribe:
                var channel = message.RunId is { } runId ? ServerMessages.RunChannel(feed.UserId, runId) : ServerMessages.GraphChannel(feed.UserId, message.GraphId!);
                socket.Post(new Frame(ServerMessages.Done(message.Method, feed.Unsubscribe(socket, channel)), Subject: null));
                break;
            case ClientMethod.Error:
                break;
            default:
                throw new InvalidOperationException($"{message.Method} has no answer.");
        }
    }

    [LoggerMessage(2105, LogLevel.Error, "A {Method} message was not answered.")]
    private partial void NotAnswered(Exception exception, string method);
}
