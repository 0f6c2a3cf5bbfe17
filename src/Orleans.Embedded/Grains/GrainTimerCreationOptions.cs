using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Orleans.Runtime;

/// <summary>How a grain timer ticks.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct GrainTimerCreationOptions
{
    /// <summary>Options to be filled by an initializer.</summary>
    public GrainTimerCreationOptions()
    {
    }

    /// <summary>Options with both times set.</summary>
    /// <param name="dueTime">See <see cref="DueTime"/>.</param>
    /// <param name="period">See <see cref="Period"/>.</param>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>From registration to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> means not started.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a callback to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> means one tick only.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may start while a request of the grain is waiting. Default false.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use of the activation, so that it is not collected. Default false.</summary>
    public bool KeepAlive { get; init; }
}
