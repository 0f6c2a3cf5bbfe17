using System.ComponentModel.DataAnnotations;

namespace Grainflow.Engine.Values;

/// <summary>
/// The range of a setting that is a duration. <see cref="RangeAttribute"/> converts the bounds when it is asked for the first time, and fails when two hosts of a process ask at once; here
/// they are converted before anybody can ask.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute : RangeAttribute
{
    /// <summary>A range of durations.</summary>
    /// <param name="minimum">The shortest, in the form <c>[d.]hh:mm:ss[.fffffff]</c>.</param>
    /// <param name="maximum">The longest, in the same form.</param>
    public DurationRangeAttribute(string minimum, string maximum)
        : base(typeof(TimeSpan), minimum, maximum) => IsValid(TimeSpan.Zero);
}
