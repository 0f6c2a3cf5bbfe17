namespace Grainflow.Silo.Telemetry;

/// <summary>One series: a value, or a histogram's counts. Safe from any thread.</summary>
/// <param name="bounds">The upper bounds of the buckets, ascending; empty for what is no histogram.</param>
internal sealed class MetricSeries(double[] bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds.Length];
    private double _sum;
    private long _count;

    /// <summary>Adds to the value.</summary>
    public void Add(double value)
    {
        lock (_gate) _sum += value;
    }

    /// <summary>Replaces the value.</summary>
    public void Set(double value)
    {
        lock (_gate) _sum = value;
    }

    /// <summary>Counts a value of a histogram.</summary>
    public void Observe(double value)
    {
        lock (_gate)
        {
            _sum += value;
            _count++;
            // A value that lies on a bound belongs below it; beyond the last only the total counts it.
            for (var i = 0; i < bounds.Length; i++)
            {
                if (value > bounds[i]) continue;
                _counts[i]++;
                break;
            }
        }
    }

    /// <summary>What it has come to, all at the same time.</summary>
    public MetricPoint Read()
    {
        lock (_gate) return new MetricPoint(_sum, _count, [.. _counts]);
    }
}
