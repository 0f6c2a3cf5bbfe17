namespace Grainflow.Engine.Scheduling;

/// <summary>Warns of weekdays that are other days in another dialect (contract: decision 13).</summary>
internal static class CronWarning
{
    public static string? Of(CronExpression expression)
    {
        if (expression.Text.StartsWith('@')) return null;
        var field = expression.Text[(expression.Text.LastIndexOf(' ') + 1)..];
        var own = expression.Fields.Weekdays;
        var others = CronDialects.All
            .Where(dialect => dialect != expression.Dialect)
            .Select(dialect => (Name: dialect.WireName(), Days: CronParser.Weekdays(field, dialect)))
            .Where(other => other.Days is { } days && days != own)
            .GroupBy(other => other.Days!.Value, other => other.Name)
            .Select(group => $"in {string.Join(" and ", group)} it means {CronDescription.Weekdays(group.Key)}")
            .ToList();
        if (others.Count == 0) return null;
        var names = string.Join(',', CronDescription.MondayFirst(own).Select(CronDescription.ShortName));
        return $"The day of week '{field}' means {CronDescription.Weekdays(own)} in the dialect {expression.Dialect.WireName()}; {string.Join(", ", others)}. " +
               $"Written as {names} it means the same days in every dialect.";
    }
}
