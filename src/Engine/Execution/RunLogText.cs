using System.Globalization;

namespace Grainflow.Engine.Execution;

/// <summary>Says in English what an event of a run's log means for its user: what was decided, how long something waited, and for what.</summary>
public static class RunLogText
{
    /// <summary>A shorter wait is not told, as every step has one.</summary>
    public static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>The text of an event.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="waitedSince">
    /// When the wait began that the event ended, or null where it is not known: the creation of the run for its start, the complete input for a first dispatch, the dispatch for a beginning.
    /// </param>
    public static string Of(RunEvent logged, DateTimeOffset? waitedSince)
    {
        var waited = waitedSince is { } since && logged.At - since >= ShortestWait ? Seconds((logged.At - since).TotalSeconds) : null;
        return logged switch
        {
            RunEvent.Started => waited is null ? "The run began." : $"The run began after it had waited {waited} for its turn among the runs.",
            RunEvent.NodeDispatched { NotBefore: { } time } again => $"Attempt {again.Attempt} follows, no earlier than {time.UtcDateTime:HH:mm:ss} UTC, because the attempt before it was lost.",
            RunEvent.NodeDispatched dispatched => $"Attempt {dispatched.Attempt} was sent to a silo{(waited is null ? "." : $" after it had waited {waited} for its turn in the run.")}",
            RunEvent.NodeBegan began => $"Attempt {began.Attempt} began on {began.Start.Host}{(waited is null ? "." : $" after it had waited {waited} for a free place or for its credentials.")}",
            RunEvent.NodeInterrupted interrupted => $"Attempt {interrupted.Attempt} was interrupted, because its process shuts down; it does not count as lost, and another follows.",
            RunEvent.NodeSkipped => "Skipped: its credentials are optional and were not given.",
            RunEvent.NodeOutput output => $"A value came out at {output.Pin}.",
            RunEvent.NodeEnded ended => Of(ended),
            RunEvent.Reviewed => "All reviews are decided, and the run goes on.",
            RunEvent.StopRequested stop => stop.Reason is null ? "Its user stopped the run." : $"The run has to end: {stop.Reason}",
            RunEvent.Ended ended => ended.Status == ExecutionStatus.Review ? "The run waits for a person." : $"The run has ended: {ended.Status.Name()}{(ended.Error is null ? "." : ", " + ended.Error)}",
            _ => throw new ArgumentException($"A {logged.GetType().Name} has no text.", nameof(logged)),
        };
    }

    private static string Of(RunEvent.NodeEnded ended)
    {
        var text = ended.Status switch
        {
            ExecutionStatus.Completed => $"Completed in {Seconds(ended.Stats.WallTime)}.",
            ExecutionStatus.Failed => $"Failed after {Seconds(ended.Stats.WallTime)}: {ended.Error}",
            ExecutionStatus.Review => "Waits for a person.",
            _ => "Stopped before its end.",
        };
        if (ended.Stats.LlmCallCount > 0)
            text += string.Create(CultureInfo.InvariantCulture, $" Models were called {Times(ended.Stats.LlmCallCount)}{(ended.Stats.LlmRetryCount > 0 ? $", of which {ended.Stats.LlmRetryCount} repeated another call" : "")}.");
        return text;
    }

    private static string Times(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} times");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:#,0.00} s");
}
