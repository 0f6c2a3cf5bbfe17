using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;

namespace Grainflow.Silo.Running;

/// <summary>
/// Follows the runs of users through their logs and prints a line for each event, in a terminal and in a file alike. A notice says only that a log has
/// advanced; what is printed is read from the log, once and in order, even when notices are lost.
/// </summary>
internal sealed class ProgressPrinter : IAsyncDisposable
{
    private const int PreviewLength = 70;

    private readonly TextWriter? _writer;
    private readonly bool _colors;
    private readonly IExecutionLog _log;
    private readonly IRunStore _runs;
    private readonly GraphCache _graphs;
    private readonly Dictionary<Guid, FollowedRun> _followed = [];
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ends = new();
    private readonly LogSubscription.Factory _subscribe;
    /// <summary>Runs whose logs are to be read on; null stands for every run that is followed.</summary>
    private readonly Channel<Guid?> _advanced = Channel.CreateUnbounded<Guid?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, LogSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly Task _loop;

    /// <summary>Follows no run yet; see <see cref="SubscribeAsync"/>.</summary>
    /// <param name="writer">Where lines go; null prints nothing and only waits for ends.</param>
    /// <param name="colors">True for a terminal.</param>
    /// <param name="subscribe">Subscribes to the logs of a user.</param>
    /// <param name="log">The logs.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="graphs">The graphs.</param>
    public ProgressPrinter(TextWriter? writer, bool colors, LogSubscription.Factory subscribe, IExecutionLog log, IRunStore runs, GraphCache graphs)
    {
        _writer = writer;
        _colors = colors;
        _log = log;
        _runs = runs;
        _graphs = graphs;
        _subscribe = subscribe;
        _loop = FollowAsync();
    }

    /// <summary>Puts the node ids of the user's file in the place of those that the agent got when it was imported.</summary>
    public Func<string, string> Names { get; set; } = text => text;

    /// <summary>Follows the runs of a user from now on. Call it from one thread at a time.</summary>
    public async Task SubscribeAsync(string userId)
    {
        if (_subscriptions.ContainsKey(userId)) return;
        var subscription = _subscribe(
            userId,
            notice => _advanced.Writer.TryWrite(notice.RunId),
            () =>
            {
                _advanced.Writer.TryWrite(null);
                return Task.CompletedTask;
            });
        _subscriptions.Add(userId, subscription);
        await subscription.StartAsync();
    }

    /// <summary>Waits until a run has ended and its last line is printed.</summary>
    public async Task EndAsync(Guid runId, CancellationToken cancellationToken)
    {
        var ended = End(runId).Task;
        // The run may have ended before it was followed.
        _advanced.Writer.TryWrite(runId);
        await ended.WaitAsync(cancellationToken);
    }

    /// <summary>Prints a line of its own.</summary>
    public void Say(string line) => _writer?.WriteLine(line);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var subscription in _subscriptions.Values) await subscription.DisposeAsync();
        _advanced.Writer.TryComplete();
        await _loop;
    }

    private async Task FollowAsync()
    {
        await foreach (var advanced in _advanced.Reader.ReadAllAsync())
        {
            foreach (var runId in advanced is { } one ? [one] : _followed.Keys.Union(_ends.Keys).ToList())
            {
                try
                {
                    await ReadOnAsync(runId);
                }
                catch (Exception exception)
                {
                    // The failure belongs to this run; the other runs are read on.
                    End(runId).TrySetException(exception);
                }
            }
        }
    }

    private async Task ReadOnAsync(Guid runId)
    {
        if (!_followed.TryGetValue(runId, out var run))
        {
            if (await OpenAsync(runId) is not { } opened) return;
            _followed.Add(runId, run = opened);
        }

        await foreach (var logged in _log.ReadAsync(runId, run.Sequence, CancellationToken.None))
        {
            run.Sequence = logged.Sequence;
            var runEvent = RunEventCodec.Read(logged.Kind, logged.Body.Span, logged.Output is { } output ? (output.Pin, JsonValues.ParseUtf8(output.Value.Span)) : null);
            run.Apply(runEvent);
            Print(run, runEvent);
        }
    }

    private async Task<FollowedRun?> OpenAsync(Guid runId)
    {
        if (await _runs.FindAsync(runId, CancellationToken.None) is not { } row) return null;
        if (await _graphs.FindForRunAsync(row.GraphId, row.GraphVersion, CancellationToken.None) is not { } graph) return null;
        return new FollowedRun(runId, graph.Index, RunSpecCodec.Read(row.Spec.Span));
    }

    private void Print(FollowedRun run, RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunEvent.Started:
                Line(run, runEvent.At, "", $"{run.Graph.Graph.Name}: run {run.RunId} started, {run.Graph.Graph.Nodes.Length} {(run.Graph.Graph.Nodes.Length == 1 ? "node" : "nodes")}");
                break;
            case RunEvent.NodeDispatched { Attempt: > 1 } again:
                Line(run, runEvent.At, "33", $"again {run.Title(again.NodeExecutionId)} (attempt {again.Attempt})");
                break;
            case RunEvent.NodeDispatched dispatched:
                Line(run, runEvent.At, "2", $"start {run.Title(dispatched.NodeExecutionId)}");
                break;
            case RunEvent.NodeOutput output:
                Line(run, runEvent.At, "", $"  out {run.Title(output.NodeExecutionId)} {output.Pin} = {Preview(output.Value)}");
                break;
            case RunEvent.NodeEnded { Status: ExecutionStatus.Failed } failed:
                Line(run, runEvent.At, "31", $" fail {run.Title(failed.NodeExecutionId)}: {failed.Error}");
                break;
            case RunEvent.NodeEnded ended:
                Line(run, runEvent.At, "32", $" done {run.Title(ended.NodeExecutionId)} {ended.Status.Name()} in {Seconds(ended.Stats.WallTime)}{(ended.Charged > 0 ? $", {ended.Charged} credits" : "")}");
                break;
            case RunEvent.StopRequested stop:
                Line(run, runEvent.At, "33", $"stopping: {stop.Reason ?? "asked for by the user"}");
                break;
            case RunEvent.Ended ended:
                var warnings = ended.Warnings ?? RunWarnings.None;
                // A sub-agent's warnings are among those of the run at the top.
                if (run.Spec.ParentRunId is null)
                    foreach (var line in WarningLines.Of(warnings)) Line(run, runEvent.At, "33", Names(line));
                Line(
                    run, runEvent.At, ended.Status == ExecutionStatus.Completed ? "32" : "31",
                    $"{run.Graph.Graph.Name}: {ended.Status.Name()}{WarningLines.Suffix(warnings.Count)}{(ended.Error is { } error ? ": " + error : "")}");
                if (ended.Status.IsFinal() || ended.Status == ExecutionStatus.Review) End(run.RunId).TrySetResult();
                break;
        }
    }

    private TaskCompletionSource End(Guid runId) =>
        _ends.GetOrAdd(runId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Line(FollowedRun run, DateTimeOffset at, string color, string text)
    {
        if (_writer is null) return;
        var elapsed = (at - run.Spec.CreatedAt).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture).PadLeft(9);
        var indent = new string(' ', run.Spec.Depth * 4);
        _writer.WriteLine(_colors && color.Length > 0 ? $"{elapsed}s {indent}\u001b[{color}m{text}\u001b[0m" : $"{elapsed}s {indent}{text}");
    }

    private static string Seconds(double seconds) => seconds < 1 ? $"{seconds * 1000:0} ms" : $"{seconds:0.0} s";

    private static string Preview(JsonElement value)
    {
        var text = JsonValues.Compact(value);
        return text.Length <= PreviewLength ? text : text[..PreviewLength] + $"... ({text.Length} characters)";
    }
}
