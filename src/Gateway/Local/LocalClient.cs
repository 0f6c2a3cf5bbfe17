using System.Net.Http.Headers;
using System.Text.Json;
using Grainflow.Engine.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Local;

/// <summary>
/// A client of this gateway in the same process: its requests go through the same middleware, checks and routes as those of any other client, without a connection. What
/// is refused there is refused here.
/// </summary>
/// <param name="scopes">Makes the services of a request.</param>
public sealed class LocalClient(IServiceScopeFactory scopes)
{
    private RequestDelegate? _pipeline;

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query, for example <c>/api/graphs?version=2</c>.</param>
    /// <param name="body">The body as JSON; null for none.</param>
    /// <param name="token">The access token of the caller; null for none.</param>
    /// <param name="headers">Further headers, or null.</param>
    /// <param name="cancellationToken">Gives up waiting; the request may have been handled then.</param>
    public async Task<LocalAnswer> SendAsync(
        HttpMethod method, string target, JsonElement? body, string? token, IReadOnlyDictionary<string, string>? headers = null, CancellationToken cancellationToken = default)
    {
        using var answer = new MemoryStream();
        await using var services = scopes.CreateAsyncScope();
        var context = Context(services.ServiceProvider, method.Method, target, token);
        context.RequestAborted = cancellationToken;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        foreach (var header in headers ?? new Dictionary<string, string>(StringComparer.Ordinal)) context.Request.Headers[header.Key] = header.Value;
        if (body is { } value)
        {
            var json = JsonValues.CompactUtf8(value);
            context.Request.ContentType = "application/json";
            context.Request.ContentLength = json.Length;
            context.Request.Body = new MemoryStream(json, writable: false);
        }

        await RunAsync(context);
        return new LocalAnswer(context.Response.StatusCode, answer.ToArray());
    }

    /// <summary>Opens a connection to the live events of a user (contract: websocket).</summary>
    /// <param name="token">The access token of the user; null for none.</param>
    /// <param name="received">Called with each message of the server, one at a time. It must not wait for long: a client that is too slow loses events.</param>
    public LocalConnection Connect(string? token, Func<JsonElement, Task> received)
    {
        var socket = new LocalSocket(received);
        return new LocalConnection(socket, ServeAsync(socket, "/ws" + (token is null ? "" : "?token=" + Uri.EscapeDataString(token))));
    }

    /// <summary>Attaches the client to a pipeline: all that follows in it handles the requests of the client.</summary>
    internal void Attach(RequestDelegate pipeline) => _pipeline = pipeline;

    private async Task ServeAsync(LocalSocket socket, string target)
    {
        await using var services = scopes.CreateAsyncScope();
        var context = Context(services.ServiceProvider, HttpMethods.Get, target, token: null);
        context.Features.Set<IHttpWebSocketFeature>(socket);
        await RunAsync(context);
    }

    private Task RunAsync(HttpContext context) => (_pipeline ?? throw new InvalidOperationException("The gateway has not started."))(context);

    private static DefaultHttpContext Context(IServiceProvider services, string method, string target, string? token)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        var (path, query) = target.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? (target[..mark], target[mark..]) : (target, "");
        context.Request.Method = method;
        context.Request.Scheme = Uri.UriSchemeHttp;
        context.Request.Host = new HostString("localhost");
        context.Request.Path = PathString.FromUriComponent(path);
        context.Request.QueryString = new QueryString(query);
        if (token is not null) context.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token).ToString();
        return context;
    }
}

/// <summary>The answer to a request of <see cref="LocalClient"/>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body, JSON in UTF-8; may be empty.</param>
public sealed record LocalAnswer(int Status, ReadOnlyMemory<byte> Body);

/// <summary>Registers and attaches the client.</summary>
public static class LocalClientHosting
{
    /// <summary>Attaches the client to all middleware that is added after it.</summary>
    /// <param name="app">The web host.</param>
    public static void UseGrainflowLocalClient(this IApplicationBuilder app) => app.Use(next =>
    {
        app.ApplicationServices.GetRequiredService<LocalClient>().Attach(next);
        return next;
    });
}
