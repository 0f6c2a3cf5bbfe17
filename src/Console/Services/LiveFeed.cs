using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Services;

/// <summary>
/// The live events of a run, from the connection that any client has (contract: websocket): first all its earlier events, each once and in order, then those that come. When the server ends
/// the connection, because it stops or because the browser was too slow, the feed connects again and asks for what it lacks. Texts that are still made come between (ADR 0040).
/// </summary>
public sealed class LiveFeed : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _left = new();
    private readonly ConsoleApi _api;
    private readonly string _runId;
    private readonly Func<JsonElement, Task> _received;
    private readonly Action _refused;
    private readonly TimeProvider _clock;
    private readonly Task _following;
    private long _last;

    /// <summary>Follows a run until it is disposed.</summary>
    /// <param name="api">The interface of the user.</param>
    /// <param name="runId">The run.</param>
    /// <param name="received">Called with each event of the run and of its nodes, one at a time.</param>
    /// <param name="refused">Called when the server does not accept the user any more, and nothing follows; it must return at once.</param>
    /// <param name="clock">Measures the pause before another connection.</param>
    public LiveFeed(ConsoleApi api, string runId, Func<JsonElement, Task> received, Action refused, TimeProvider clock)
    {
        (_api, _runId, _received, _refused, _clock) = (api, runId, received, refused, clock);
        _following = FollowAsync(_left.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_left.IsCancellationRequested) return;
        await _left.CancelAsync();
        await _following;
        _left.Dispose();
    }

    private async Task FollowAsync(CancellationToken left)
    {
        while (!left.IsCancellationRequested)
        {
            bool isRefused;
            // The run of a sub-agent is not there yet while its node begins.
            var isMissing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (var connection = _api.Connect(message => TakeAsync(message, isMissing)))
            {
                connection.Send("subscribe_graph_execution", new { graph_exec_id = _runId, from_seq = _last, partial = true });
                await ((Task)Task.WhenAny(connection.Ended, isMissing.Task)).WaitAsync(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                isRefused = connection.IsRefused;
            }

            if (isRefused)
            {
                _refused();
                return;
            }

            await Task.Delay(Pause, _clock, left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync(JsonElement message, TaskCompletionSource isMissing)
    {
        if (message.Member("method")?.GetString() == "error") isMissing.TrySetResult();
        if (message.Member("method")?.GetString() is not ("graph_execution_event" or "node_execution_event") || message.Member("data") is not { ValueKind: JsonValueKind.Object } data) return;
        if (data.Member("seq") is { ValueKind: JsonValueKind.Number } sequence) _last = sequence.GetInt64();
        await _received(data);
    }
}
