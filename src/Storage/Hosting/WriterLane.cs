namespace Grainflow.Storage.Hosting;

/// <summary>
/// The lane in which this process counts the dispatches of users. The processes of a cluster have different ones, so that their writers do not wait for each
/// other's rows (migration 0012). Two processes of one lane wait for each other and count correctly all the same.
/// </summary>
/// <param name="number">The lane to begin with, from 0.</param>
public sealed class WriterLane(int number = 0)
{
    /// <summary>How many lanes there are.</summary>
    public const int Count = 64;

    private volatile int _number = number;

    /// <summary>From 0 to <see cref="Count"/> - 1. A process that is alone has lane 0.</summary>
    public int Number => _number;

    /// <summary>Takes the lane that was acquired with the instance lock.</summary>
    /// <param name="held">The lock.</param>
    public void Take(InstanceLock held) => _number = held.Lane;
}
