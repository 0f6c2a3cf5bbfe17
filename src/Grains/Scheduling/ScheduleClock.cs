using Grainflow.Engine.Scheduling;
using Grainflow.Storage.Scheduling;
using NodaTime;

namespace Grainflow.Grains.Scheduling;

/// <summary>Reads stored schedules for the rule, with the rules of time zones that hold in this process.</summary>
/// <param name="zones">The zones.</param>
/// <param name="provider">The rules of the zones.</param>
internal sealed class ScheduleClock(TimeZones zones, IDateTimeZoneProvider provider)
{
    /// <summary>The version of the rules of time zones.</summary>
    public string ZoneRules => provider.VersionId;

    /// <summary>A schedule as the rule sees it.</summary>
    /// <exception cref="CronException">Its expression is not valid.</exception>
    /// <exception cref="UnknownTimeZoneException">Its zone is not known.</exception>
    public ScheduleFacts Read(ScheduleRow row)
    {
        var zone = zones.Find(row.TimeZone);
        return new ScheduleFacts
        {
            Id = row.Id,
            Times = row.Cron is { } cron ? new ScheduleTimes(CronExpression.Parse(cron, row.Dialect), zone, row.Policy.Repeated) : null,
            RunAt = row.RunAt,
            Zone = zone,
            Policy = row.Policy,
            DecidedTo = row.DecidedTo,
        };
    }

    /// <summary>The schedule with its next occurrence, computed from its times; none when it is disabled.</summary>
    /// <param name="row">The schedule.</param>
    public ScheduleRow WithNext(ScheduleRow row)
    {
        var facts = Read(row);
        var next = row.Enabled ? ScheduleRule.NextAfter(facts, row.DecidedTo) : null;
        return row with { NextAt = next, DueAt = next is { } at ? ScheduleRule.DueAt(facts, at) : null, ZoneRules = ZoneRules };
    }
}
