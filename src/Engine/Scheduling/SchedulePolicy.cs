namespace Grainflow.Engine.Scheduling;

/// <summary>What happens when an occurrence is due while a run of the same schedule has not ended (contract: decision 15).</summary>
public enum ScheduleOverlap
{
    /// <summary>The new run starts beside the old one. The default.</summary>
    Allow,

    /// <summary>The occurrence is skipped.</summary>
    Skip,

    /// <summary>One occurrence waits for the end of the old run; further ones are skipped.</summary>
    BufferOne,

    /// <summary>The old run is stopped and the new one starts.</summary>
    CancelOther,
}

/// <summary>The names of <see cref="ScheduleOverlap"/> in requests, answers and rows.</summary>
public static class ScheduleOverlaps
{
    private static readonly string[] s_names = ["allow", "skip", "buffer_one", "cancel_other"];

    /// <summary>All names in one text, for messages.</summary>
    public static string Names { get; } = string.Join(", ", s_names[..^1]) + " or " + s_names[^1];

    /// <summary>The name, for example <c>buffer_one</c>.</summary>
    /// <param name="overlap">The value.</param>
    public static string WireName(this ScheduleOverlap overlap) => s_names[(int)overlap];

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name, or null.</param>
    /// <returns>Null when there is no value of that name.</returns>
    public static ScheduleOverlap? Find(string? name) => Array.IndexOf(s_names, name) is var index and >= 0 ? (ScheduleOverlap)index : null;
}

/// <summary>The hours in which a schedule may start runs, by the clock of its zone (contract: schedules-others, S4).</summary>
/// <param name="Days">The days; empty for all.</param>
/// <param name="From">The first time of day that counts.</param>
/// <param name="To">The first time of day after it. Earlier than <paramref name="From"/> for a window over midnight, which belongs to the day on which it begins.</param>
public sealed record ScheduleWindow(IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    /// <summary>Whether a local time is inside.</summary>
    /// <param name="local">The local time.</param>
    public bool Contains(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < To) return time >= From && time < To && Has(local.DayOfWeek);
        return time >= From ? Has(local.DayOfWeek) : time < To && Has(local.AddDays(-1).DayOfWeek);
    }

    private bool Has(DayOfWeek day) => Days.Count == 0 || Days.Contains(day);
}

/// <summary>How a schedule treats what does not go as planned (contract: decision 15).</summary>
public sealed record SchedulePolicy
{
    /// <summary>The longest jitter and catch-up window.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>What happens when a run of the same schedule has not ended.</summary>
    public ScheduleOverlap Overlap { get; init; } = ScheduleOverlap.Allow;

    /// <summary>
    /// How late the last of the occurrences that were missed may be to be made up for by one run. Zero for never; an occurrence that is less than
    /// <see cref="ScheduleRule.OnTime"/> late is not missed. From zero to <see cref="Longest"/>.
    /// </summary>
    public TimeSpan CatchUp { get; init; } = TimeSpan.FromHours(1);

    /// <summary>An occurrence starts up to this much later than it is due, always the same for the same occurrence. From zero to <see cref="Longest"/>.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The schedule is disabled when so many runs in a row have failed; 0 for never.</summary>
    public int PauseAfterFailures { get; init; }

    /// <summary>When a fixed local time is due that a change of the clock repeats.</summary>
    public RepeatedTimes Repeated { get; init; }

    /// <summary>The hours in which runs may start; null for all.</summary>
    public ScheduleWindow? Window { get; init; }
}
