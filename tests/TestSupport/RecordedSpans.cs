using System.Diagnostics;

namespace Grainflow.TestSupport;

/// <summary>The spans that end while this exists, of this whole process: whoever looks at them chooses a trace first.</summary>
public sealed class RecordedSpans : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private TaskCompletionSource _next = NewSignal();

    /// <summary>Begins to record.</summary>
    /// <param name="sources">The sources to listen to.</param>
    public RecordedSpans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name, StringComparer.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of a trace that have ended, in that order.</summary>
    /// <param name="traceId">The trace.</param>
    public IReadOnlyList<Activity> Of(ActivityTraceId traceId)
    {
        lock (_gate) return [.. _spans.Where(span => span.TraceId == traceId)];
    }

    /// <summary>Waits until the spans that have ended are as asked for, looking at them after each.</summary>
    /// <param name="choose">Which spans to look at.</param>
    /// <param name="holds">What must hold of them.</param>
    /// <exception cref="TimeoutException">It never did; lists them.</exception>
    public async Task<IReadOnlyList<Activity>> UntilAsync(Func<Activity, bool> choose, Func<IReadOnlyList<Activity>, bool> holds)
    {
        while (true)
        {
            Task next;
            IReadOnlyList<Activity> spans;
            lock (_gate)
            {
                next = _next.Task;
                spans = [.. _spans.Where(choose)];
            }

            if (holds(spans)) return spans;
            try
            {
                await next.WaitAsync(Patience);
            }
            catch (TimeoutException exception)
            {
                throw new TimeoutException("Only these spans ended:\n" + string.Join('\n', spans.Select(Describe)), exception);
            }
        }
    }

    /// <summary>A span with its tags, for messages.</summary>
    /// <param name="span">A span.</param>
    public static string Describe(Activity span) =>
        $"{span.Source.Name} {span.OperationName} {span.Id} below {span.ParentSpanId}: {string.Join(", ", span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} {span.Status} {span.StatusDescription}";

    /// <summary>Stops recording.</summary>
    public void Dispose() => _listener.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(Activity span)
    {
        lock (_gate)
        {
            _spans.Add(span);
            _next.TrySetResult();
            _next = NewSignal();
        }
    }
}
