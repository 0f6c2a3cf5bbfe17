using NodaTime;

namespace Grainflow.Engine.Onboarding;

/// <summary>How many runs a user has started, and on how many days in a row (contract: semantics 8.4).</summary>
/// <param name="Runs">All runs, 0 or more.</param>
/// <param name="LastRunAt">When the latest was started; null when there was none.</param>
/// <param name="ConsecutiveDays">Days in a row, in the zone of the user, on which one was started, up to the day of the latest; 0 when there was none.</param>
public sealed record RunCount(int Runs, DateTimeOffset? LastRunAt, int ConsecutiveDays)
{
    /// <summary>The count of somebody who has started none.</summary>
    public static readonly RunCount None = new(0, null, 0);

    /// <summary>The count after more runs. Those that were started before the latest that is known are counted and change no day.</summary>
    /// <param name="runs">How many, 0 or more. The count stays at the greatest number that it can hold.</param>
    /// <param name="at">When they were started.</param>
    /// <param name="zone">The zone of the user.</param>
    public RunCount After(int runs, DateTimeOffset at, DateTimeZone zone)
    {
        var count = (int)Math.Min((long)Runs + runs, int.MaxValue);
        if (LastRunAt is not { } last) return new RunCount(count, at, 1);
        if (at <= last) return this with { Runs = count };
        var days = Period.DaysBetween(Day(last, zone), Day(at, zone));
        return new RunCount(count, at, days switch { 0 => ConsecutiveDays, 1 => ConsecutiveDays + 1, _ => 1 });
    }

    /// <summary>The steps that such a count completes.</summary>
    public IEnumerable<string> Milestones()
    {
        if (Runs >= 10) yield return OnboardingSteps.RunAgents;
        if (Runs >= 100) yield return OnboardingSteps.RunAgents100;
        if (ConsecutiveDays >= 3) yield return OnboardingSteps.Run3Days;
        if (ConsecutiveDays >= 14) yield return OnboardingSteps.Run14Days;
    }

    private static LocalDate Day(DateTimeOffset at, DateTimeZone zone) => Instant.FromDateTimeOffset(at).InZone(zone).Date;
}
