using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Scheduling;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Schedules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Grainflow.Gateway.Scheduler;

/// <summary>
/// The internal RPC of the scheduler (contract: schedules-others, "RPC, port 8003"; decision 2): POST with a JSON object of the arguments, without authentication, on a port of its
/// own that only loopback or a private address may have. Pages in a browser of such a machine are refused by what every browser sends with a POST.
/// </summary>
internal sealed partial class SchedulerRpc
{
    private const int MostBytes = 21 * 1024 * 1024;

    private static readonly JsonElement NoArguments = JsonElement.Parse("{}");
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = JsonValues.MaxForeignDocumentDepth };

    private readonly Dictionary<string, RpcMethod> _methods;
    private readonly ILogger<SchedulerRpc> _logger;

    /// <summary>Collects the methods.</summary>
    /// <param name="methods">All methods.</param>
    /// <param name="logger">For what fails.</param>
    /// <exception cref="ArgumentException">A path is there twice.</exception>
    public SchedulerRpc(IEnumerable<IRpcMethods> methods, ILogger<SchedulerRpc> logger)
    {
        _methods = methods.SelectMany(part => part.Methods).ToDictionary(method => method.Path, StringComparer.Ordinal);
        _logger = logger;
    }

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var method = Find(context.Request);
            var arguments = HttpMethods.IsGet(context.Request.Method) ? NoArguments : await ReadAsync(context.Request);
            var answer = await method.Invoke(arguments, context.RequestAborted);
            await WriteAsync(context, StatusCodes.Status200OK, answer);
        }
        catch (RpcException exception)
        {
            await WriteAsync(context, exception.Status, exception.Type, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            await WriteAsync(context, exception.StatusCode, "ValueError", exception.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has closed the connection; the status is for the log of a proxy only.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Failed(exception, context.Request.Path);
            await WriteAsync(context, StatusCodes.Status500InternalServerError, "RuntimeError", $"Internal error; the server's log has it under {context.TraceIdentifier}.");
        }
    }

    private RpcMethod Find(HttpRequest request)
    {
        if (request.Headers.Origin.Count > 0 || request.Headers.ContainsKey("Sec-Fetch-Site"))
            throw new RpcException(StatusCodes.Status403Forbidden, "NotAuthorizedError", "The scheduler's RPC does not answer pages in a browser.");
        if (!_methods.TryGetValue(request.Path.Value ?? "", out var method)) throw new RpcException(StatusCodes.Status404NotFound, "NotFoundError", "There is no such method.");
        if (HttpMethods.IsPost(request.Method) || (method.IsReadable && HttpMethods.IsGet(request.Method))) return method;
        throw new RpcException(StatusCodes.Status405MethodNotAllowed, "ValueError", $"{method.Path} must be sent as POST{(method.IsReadable ? " or GET" : "")}.");
    }

    private static async Task<JsonElement> ReadAsync(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MostBytes;
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        if (buffer.Length == 0) return NoArguments;
        if (!request.HasJsonContentType()) throw RpcException.Wrong("The arguments must be sent as application/json.");
        try
        {
            var arguments = JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), Reading);
            return arguments.ValueKind == JsonValueKind.Object ? arguments : throw RpcException.Wrong("The arguments must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw RpcException.Wrong($"The arguments are no JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).");
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string type, string message) =>
        WriteAsync(context, status, new JsonObject { ["type"] = type, ["args"] = new JsonArray(message) });

    private static async Task WriteAsync(HttpContext context, int status, JsonNode? body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), CancellationToken.None);
    }

    [LoggerMessage(2456, LogLevel.Error, "The call of {Path} on the scheduler's RPC has failed.")]
    private partial void Failed(Exception exception, string path);
}

/// <summary>Adds the scheduler's RPC to a web host.</summary>
public static class SchedulerRpcHosting
{
    /// <summary>Adds the services.</summary>
    /// <param name="services">The services of a web host, with the grains or a client of them, and the services of health.</param>
    public static IServiceCollection AddGrainflowSchedulerRpc(this IServiceCollection services)
    {
        services.AddSingleton<IRpcMethods, HealthRpc>();
        services.AddSingleton<IRpcMethods, SystemTaskRpc>();
        services.AddSingleton<IRpcMethods, ScheduleRpc>();
        services.TryAddSingleton<IDateTimeZoneProvider>(DateTimeZoneProviders.Tzdb);
        services.TryAddSingleton<TimeZones>();
        services.TryAddSingleton<ScheduleReader>();
        services.AddSingleton<SchedulerRpc>();
        return services;
    }

    /// <summary>Serves the RPC, and nothing besides, on its port. Add it before all other middleware.</summary>
    /// <param name="app">The web host.</param>
    /// <param name="port">The port, which the host listens on.</param>
    public static IApplicationBuilder UseGrainflowSchedulerRpc(this IApplicationBuilder app, int port)
    {
        var rpc = app.ApplicationServices.GetRequiredService<SchedulerRpc>();
        return app.MapWhen(context => context.Connection.LocalPort == port, branch => branch.Run(rpc.AnswerAsync));
    }
}
