using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Scheduling;

namespace Grainflow.Engine.Tests.Scheduling;

public sealed class ScheduleTimesPropertyTests
{
    private const int WindowMinutes = 4 * 24 * 60;

    [Fact]
    public void Occurrences_are_those_that_are_found_minute_by_minute() => ForAll(Generators.Frequent, 200, (times, start) =>
    {
        var expected = BruteForce.Due(times.Expression, times.Zone, times.Repeated, start, WindowMinutes).ToList();
        var found = times.Between(start.AddTicks(-1), start.AddMinutes(WindowMinutes - 1)).ToList();
        return found.SequenceEqual(expected);
    });

    [Fact]
    public void Previous_finds_the_same_occurrences_as_next_from_the_other_side() => ForAll(Generators.Frequent, 60, (times, start) =>
    {
        var end = start.AddDays(2);
        var forwards = times.Between(start, end).ToList();
        var backwards = new List<DateTimeOffset>();
        for (var time = times.Previous(end.AddTicks(1)); time > start; time = times.Previous(time.Value)) backwards.Insert(0, time.Value);
        return forwards.SequenceEqual(backwards);
    });

    [Fact]
    public void The_previous_of_the_next_lies_at_or_before_the_beginning_and_the_next_of_it_is_the_same() => ForAll(Generators.Any, 300, (times, start) =>
    {
        if (times.Next(start) is not { } next) return false;
        var previous = times.Previous(next);
        return next > start && previous <= start && times.Next(previous!.Value) == next && times.Previous(next.AddTicks(1)) == next && times.Next(next.AddTicks(-1)) == next;
    });

    [Fact]
    public void Occurrences_rise_strictly() => ForAll(Generators.Any, 200, (times, start) =>
    {
        var found = times.Between(start, DateTimeOffset.MaxValue).Take(50).ToList();
        return found.Count == 50 && found.Zip(found.Skip(1)).All(pair => pair.First < pair.Second);
    });

    private static void ForAll(Gen<CronExpression> expressions, int count, Func<ScheduleTimes, DateTimeOffset, bool> holds)
    {
        var cases =
            from expression in expressions
            from zone in Generators.Zones
            from repeated in Generators.Repeated
            from start in Generators.Instants(zone)
            select new Case(new ScheduleTimes(expression, zone, repeated), start);
        Prop.ForAll(cases.ToArbitrary(), one => holds(one.Times, one.Start)).Check(Config.QuickThrowOnFailure.WithMaxTest(count));
    }

    private sealed record Case(ScheduleTimes Times, DateTimeOffset Start)
    {
        public override string ToString() => $"'{Times.Expression}' {Times.Expression.Dialect} in {Times.Zone.Id}, {Times.Repeated}, from {Start:O}";
    }
}
