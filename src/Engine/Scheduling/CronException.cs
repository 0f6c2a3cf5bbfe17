namespace Grainflow.Engine.Scheduling;

/// <summary>The parts of a cron expression, in the order in which they are written.</summary>
public enum CronField
{
    /// <summary>0 to 59.</summary>
    Minute,

    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>1 to 31.</summary>
    DayOfMonth,

    /// <summary>1 to 12, or jan to dec.</summary>
    Month,

    /// <summary>A number by the dialect, or mon to sun.</summary>
    DayOfWeek,

    /// <summary>The expression as a whole, for example when it has too few fields.</summary>
    Expression,
}

/// <summary>A cron expression is refused.</summary>
/// <param name="field">The field that is wrong.</param>
/// <param name="reason">What is wrong with it and how to correct it, in one line.</param>
public sealed class CronException(CronField field, string reason) : Exception($"{Name(field)}: {reason}")
{
    /// <summary>The field that is wrong.</summary>
    public CronField Field { get; } = field;

    /// <summary>The name of <see cref="Field"/>, for example <c>day of month</c>.</summary>
    public string FieldName => Name(Field);

    /// <summary>What is wrong and how to correct it, without the name of the field.</summary>
    public string Reason { get; } = reason;

    internal static string Name(CronField field) => field switch
    {
        CronField.Minute => "minute",
        CronField.Hour => "hour",
        CronField.DayOfMonth => "day of month",
        CronField.Month => "month",
        CronField.DayOfWeek => "day of week",
        _ => "cron expression",
    };
}
