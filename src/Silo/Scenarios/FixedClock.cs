namespace Grainflow.Silo.Scenarios;

/// <summary>The clock of the blocks of a scenario, which always shows the same time. Timers run in real time.</summary>
/// <param name="now">The time it shows, UTC.</param>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => now;
}
