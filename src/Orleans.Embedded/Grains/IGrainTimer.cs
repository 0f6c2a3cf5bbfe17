namespace Orleans.Runtime;

/// <summary>A timer of one activation; it ends with the activation, or when disposed.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when the next tick comes and the time between ticks. Inside the callback it takes effect when the callback ends.</summary>
    /// <param name="dueTime">From now to the next tick, from 0 to about 49 days; <see cref="Timeout.InfiniteTimeSpan"/> stops the timer.</param>
    /// <param name="period">From the end of a callback to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> means no further tick.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
