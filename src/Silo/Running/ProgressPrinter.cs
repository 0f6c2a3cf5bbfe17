using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;

namespace Grainflow.Silo.Running;

/// <summary>
/// Follows the runs of users through their logs and prints their progress line by line, in a terminal and in a file alike. A notice says only that a log has
/// advanced; what is printed is read from the log, once and in order, even when notices are lost.
/// </summary>
internal sealed class ProgressPrinter : IAsyncDisposable
{
    private readonly ProgressLines _lines;
    private readonly bool _colors;
    private readonly bool _isPrinting;
    private readonly IExecutionLog _log;
    private readonly IRunStore _runs;
    private readonly GraphCache _graphs;
    private readonly Dictionary<Guid, PrintedRun> _followed = [];
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ends = new();
    private readonly LogSubscription.Factory _subscribe;
    /// <summary>Runs whose logs are to be read on, null stands for every run that is followed; and texts that are still made.</summary>
    private readonly Channel<(Guid? RunId, PartialOutput? Partial)> _advanced = Channel.CreateUnbounded<(Guid? RunId, PartialOutput? Partial)>(new UnboundedChannelOptions { SingleReader = true });
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
        _lines = new ProgressLines(writer);
        _colors = colors;
        _isPrinting = writer is not null;
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
            notice => _advanced.Writer.TryWrite((notice.RunId, null)),
            noticed: null,
            () =>
            {
                _advanced.Writer.TryWrite((null, null));
                return Task.CompletedTask;
            },
            // A text that changes is for a terminal alone.
            _colors && _isPrinting ? new PartialListener(() => true, partial => _advanced.Writer.TryWrite((partial.RunId, partial))) : null);
        _subscriptions.Add(userId, subscription);
        await subscription.StartAsync();
    }

    /// <summary>Waits until a run has ended, or pauses for a review, and its last line is printed.</summary>
    public async Task EndAsync(Guid runId, CancellationToken cancellationToken)
    {
        var ended = End(runId).Task;
        // The run may have ended before it was followed.
        _advanced.Writer.TryWrite((runId, null));
        await ended.WaitAsync(cancellationToken);
    }

    /// <summary>Prints a line that belongs to no run.</summary>
    public void Say(string line) => _lines.Write(line);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var subscription in _subscriptions.Values) await subscription.DisposeAsync();
        _advanced.Writer.TryComplete();
        await _loop;
        _lines.Clear();
    }

    private async Task FollowAsync()
    {
        await foreach (var (advanced, partial) in _advanced.Reader.ReadAllAsync())
        {
            if (partial is not null)
            {
                Show(partial);
                continue;
            }

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
            var runEvent = logged.ToRunEvent();
            foreach (var line in run.Progress.Apply(runEvent)) Print(run.Spec, line);
            if (runEvent is RunEvent.Ended) End(runId).TrySetResult();
        }
    }

    private async Task<PrintedRun?> OpenAsync(Guid runId)
    {
        if (await _runs.FindAsync(runId, CancellationToken.None) is not { } row) return null;
        if (await _graphs.FindForRunAsync(row.GraphId, row.GraphVersion, CancellationToken.None) is not { } graph) return null;
        var spec = RunSpecCodec.Read(row.Spec.Span);
        return new PrintedRun(spec, new RunProgress(graph.Index, spec));
    }

    private TaskCompletionSource End(Guid runId) =>
        _ends.GetOrAdd(runId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Print(RunSpec spec, ProgressLine line)
    {
        if (!_isPrinting) return;
        var elapsed = (line.At - spec.CreatedAt).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture).PadLeft(9);
        var indent = new string(' ', spec.Depth * 4);
        // Only warnings name nodes by id.
        var text = line.Kind == ProgressKind.Notable ? Names(line.Text) : line.Text;
        _lines.Write(_colors && Color(line.Kind) is { } color ? $"{elapsed}s {indent}\u001b[{color}m{text}\u001b[0m" : $"{elapsed}s {indent}{text}");
    }

    /// <summary>Shows a text that is still made, until the next line takes its place.</summary>
    private void Show(PartialOutput partial)
    {
        // One that comes late has nothing to say any more.
        if (!_followed.ContainsKey(partial.RunId) || End(partial.RunId).Task.IsCompleted) return;
        _lines.Show(partial.Text);
    }

    private static string? Color(ProgressKind kind) => kind switch
    {
        ProgressKind.Started => "2",
        ProgressKind.Succeeded => "32",
        ProgressKind.Notable => "33",
        ProgressKind.Failed => "31",
        _ => null,
    };

    /// <summary>A run whose log is read, and how far.</summary>
    private sealed class PrintedRun(RunSpec spec, RunProgress progress)
    {
        public RunSpec Spec => spec;

        public RunProgress Progress => progress;

        public long Sequence { get; set; }
    }
}
