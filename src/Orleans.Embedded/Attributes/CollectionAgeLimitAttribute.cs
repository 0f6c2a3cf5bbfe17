using System.Globalization;

namespace Orleans;

/// <summary>How long an activation of this grain class may be idle before it is collected, instead of <c>GrainCollectionOptions.CollectionAge</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class CollectionAgeLimitAttribute : Attribute
{
    /// <summary>The shortest age limit that is accepted.</summary>
    public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

    private readonly TimeSpan? _period;

    /// <summary>The limit is the sum of <see cref="Days"/>, <see cref="Hours"/> and <see cref="Minutes"/>.</summary>
    public CollectionAgeLimitAttribute()
    {
    }

    /// <summary>Sets the limit.</summary>
    /// <param name="inactivityPeriod">A <see cref="TimeSpan"/> in its invariant text form, for example <c>00:05:00</c>.</param>
    public CollectionAgeLimitAttribute(string inactivityPeriod) => _period = TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture);

    /// <summary>Days of the limit, 0 or more.</summary>
    public double Days { get; set; }

    /// <summary>Hours of the limit, 0 or more.</summary>
    public double Hours { get; set; }

    /// <summary>Minutes of the limit, 0 or more.</summary>
    public double Minutes { get; set; }

    /// <summary>Whether activations are never collected for being idle.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The limit; at least <see cref="MinAgeLimit"/>, <see cref="TimeSpan.MaxValue"/> when always active.</summary>
    public TimeSpan AgeLimit
    {
        get
        {
            if (AlwaysActive) return TimeSpan.MaxValue;
            var period = _period ?? TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return period < MinAgeLimit ? MinAgeLimit : period;
        }
    }
}
