using System.Diagnostics.Metrics;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>Reads the metrics of a server again after each measurement, until they are as asked for.</summary>
internal sealed class Measurements : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ApiServer _server;
    private readonly MeterListener _listener = new();
    private TaskCompletionSource _next = NewSignal();

    public Measurements(ApiServer server)
    {
        _server = server;
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == "Grainflow" && !instrument.IsObservable) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Exchange(ref _next, NewSignal()).TrySetResult());
        _listener.Start();
    }

    /// <summary>The page, as lines. The exporter writes a series without labels with empty braces, which mean nothing and are left out here.</summary>
    public static async Task<string[]> ReadAsync(ApiServer server)
    {
        var answer = await server.With(null).GetAsync("/metrics");
        Assert.Equal((200, "text/plain; version=0.0.4; charset=utf-8"), (answer.Status, answer.Headers["Content-Type"]));
        return answer.Text.Replace("{} ", " ", StringComparison.Ordinal).Split('\n');
    }

    /// <summary>Waits until all these lines are on the page, which is read again after each measurement.</summary>
    public Task<string[]> UntilAsync(params string[] wanted) => UntilAsync(() => Task.FromResult<Task>(Volatile.Read(ref _next).Task), wanted);

    /// <summary>Waits until all these lines are on the page, which is read again after each commit of a user's runs: a gauge that follows the runs makes no measurement by itself.</summary>
    public Task<string[]> UntilByCommitsAsync(string user, params string[] wanted) => UntilAsync(() => _server.NextCommitAsync(user), wanted);

    public void Dispose() => _listener.Dispose();

    private async Task<string[]> UntilAsync(Func<Task<Task>> nextAsync, string[] wanted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            var next = await nextAsync();
            var lines = await ReadAsync(_server);
            var missing = wanted.Except(lines, StringComparer.Ordinal).ToList();
            if (missing.Count == 0) return lines;
            try
            {
                patience.Token.ThrowIfCancellationRequested();
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException exception) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Not there: {string.Join(" and ", missing)}\n{string.Join('\n', lines)}", exception);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
