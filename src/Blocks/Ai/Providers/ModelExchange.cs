using System.Globalization;
using System.Net;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>
/// One HTTP exchange with a provider, under the client library of the provider: notes what the library does not tell, and watches the body, so that one which
/// stalls or has no end fails. Every call takes a connection of its own (<see cref="ChatModels.CreateTransport"/>).
/// </summary>
/// <param name="transport">Sends the request; the caller keeps ownership.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">Measures the stall.</param>
internal sealed class ModelExchange(HttpMessageHandler transport, ChatModelOptions options, TimeProvider clock) : HttpMessageHandler
{
    /// <summary>The largest answer that is read, in bytes.</summary>
    internal const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>The status of the answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; private set; }

    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsEventStream { get; private set; }

    /// <summary>How long the provider asks to wait; null when it does not ask.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.ConnectionClose = true;
        using var invoker = new HttpMessageInvoker(transport, disposeHandler: false);
        var response = await invoker.SendAsync(request, cancellationToken);
        Status = response.StatusCode;
        RetryAfter = WaitOf(response);
        IsEventStream = response.Content.Headers.ContentType?.MediaType?.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) ?? false;
        var content = new StreamContent(new WatchedStream(await response.Content.ReadAsStreamAsync(cancellationToken), MaxBytes, options.Stall, clock));
        foreach (var (name, values) in response.Content.Headers) content.Headers.TryAddWithoutValidation(name, values);
        response.Content = content;
        return response;
    }

    private TimeSpan? WaitOf(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or (HttpStatusCode)529)) return null;
        if (response.Headers.TryGetValues("retry-after-ms", out var exact) && double.TryParse(exact.First(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds))
            return TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
        return response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero,
            _ => null,
        };
    }
}
