namespace Grainflow.Grains.Execution;

/// <summary>Lets so many starts begin in any second. Not thread-safe.</summary>
/// <remarks>The limiters of System.Threading.RateLimiting measure with a clock of their own, which tests cannot move.</remarks>
/// <param name="perSecond">How many; 0 for as many as there are.</param>
/// <param name="clock">Measures the second.</param>
internal sealed class StartPace(int perSecond, TimeProvider clock)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>When the last starts were made, at most <c>perSecond</c> of them, oldest first.</summary>
    private readonly Queue<long> _starts = new();

    /// <summary>Whether one may begin now.</summary>
    public bool MayStart => Wait == TimeSpan.Zero;

    /// <summary>How long it takes until one may begin; 0 when it may now.</summary>
    public TimeSpan Wait
    {
        get
        {
            if (perSecond == 0 || _starts.Count < perSecond) return TimeSpan.Zero;
            var left = Second - clock.GetElapsedTime(_starts.Peek());
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Notes that one begins now.</summary>
    public void Started()
    {
        if (perSecond == 0) return;
        if (_starts.Count == perSecond) _starts.Dequeue();
        _starts.Enqueue(clock.GetTimestamp());
    }
}
