using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Time;

/// <summary>Waits by the clock of the run.</summary>
internal static class Sleep
{
    /// <summary>The longest wait: a block has no more time than a run.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    // A timer takes at most 49 days.
    private static readonly TimeSpan Step = TimeSpan.FromDays(30);

    /// <summary>Waits without occupying a thread; not at all for 0 and less.</summary>
    /// <param name="seconds">The seconds to wait.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BlockException">The wait is longer than a year, the longest time of a run.</exception>
    public static async Task ForAsync(double seconds, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (seconds > Longest.TotalSeconds) throw new BlockException($"A wait of {seconds:G6} seconds is longer than the {Longest.Days} days that a run can take");
        for (var rest = TimeSpan.FromSeconds(Math.Max(seconds, 0)); rest > TimeSpan.Zero; rest -= Step) await Task.Delay(rest < Step ? rest : Step, clock, cancellationToken);
    }
}
