using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Grainflow.WebConsole.Services;

/// <summary>Counts the open circuits of this process and refuses browsers beyond the limit, because each circuit holds the state of its pages in memory.</summary>
internal sealed class OpenCircuits(IOptions<ConsoleOptions> options) : CircuitHandler
{
    private int _open;

    /// <summary>How many are open.</summary>
    public int Count => Volatile.Read(ref _open);

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _open);
        return Task.CompletedTask;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Interlocked.Decrement(ref _open);
        return Task.CompletedTask;
    }

    /// <summary>The middleware that answers 503 to a browser which would open a circuit too many.</summary>
    public Task RefuseTooManyAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsOpening(context.Request) || Count < options.Value.MaxCircuits) return next(context);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "10";
        return context.Response.WriteAsync($"{options.Value.MaxCircuits} consoles are open, which is the limit of this server (CONSOLE_MAX_CIRCUITS).");
    }

    // A connection is negotiated first, or is opened as a WebSocket without, and has no id then.
    private static bool IsOpening(HttpRequest request) => request.Path.Value switch
    {
        "/_blazor/negotiate" => true,
        "/_blazor" => !request.Query.ContainsKey("id"),
        _ => false,
    };
}
