namespace Grainflow.Silo.Scenarios;

/// <summary>A clock that stands still: what blocks of a scenario see. Timers run in real time.</summary>
/// <param name="now">The time it shows, UTC.</param>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => now;
}
