using System.Globalization;
using Grainflow.Engine.Scheduling;
using NodaTime;

namespace Grainflow.Engine.Tests.Scheduling;

/// <summary>
/// Exact instants: apscheduler.tsv has what APScheduler computes away from changes of the clock (apscheduler_table.py writes it), clock-changes.tsv what the
/// rule of decision 14 gives at them, computed by hand.
/// </summary>
public sealed class OccurrenceTableTests
{
    private static readonly TimeZones Zones = new(DateTimeZoneProviders.Tzdb);

    private static readonly IReadOnlyList<Row> Rows = [.. Read("apscheduler.tsv"), .. Read("clock-changes.tsv")];

    public static IEnumerable<TheoryDataRow<int>> Cases() => Rows.Select((row, index) => new TheoryDataRow<int>(index) { TestDisplayName = row.Name });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Next_and_previous_give_the_instants_of_the_table(int index)
    {
        var row = Rows[index];
        var times = new ScheduleTimes(CronExpression.Parse(row.Expression, row.Dialect), Zones.Find(row.Zone), row.Repeated);

        var forwards = times.Between(row.From, DateTimeOffset.MaxValue).Take(row.Expected.Count).ToList();
        var backwards = new List<DateTimeOffset>();
        for (var time = row.Expected[^1].AddTicks(1); backwards.Count < row.Expected.Count; backwards.Insert(0, time)) time = times.Previous(time)!.Value;

        Assert.Equal(row.Expected, forwards);
        Assert.Equal(row.Expected, backwards);
    }

    [Fact]
    public void The_table_has_every_zone_and_dialect_that_matters()
    {
        Assert.True(Rows.Count >= 150);
        string[] zones = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "Asia/Kolkata", "UTC"];
        Assert.All(zones, zone => Assert.Contains(Rows, row => row.Zone == zone));
        Assert.All(CronDialects.All, dialect => Assert.Contains(Rows, row => row.Dialect == dialect));
        Assert.Distinct(Rows.Select(row => row.Name));
    }

    private static IEnumerable<Row> Read(string name)
    {
        using var reader = new StreamReader(typeof(OccurrenceTableTests).Assembly.GetManifestResourceStream(name)!);
        foreach (var line in reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var cells = line.Split('\t');
            Assert.True(CronDialects.TryParse(cells[0], out var dialect), line);
            yield return new Row(dialect, cells[1], cells[2], Enum.Parse<RepeatedTimes>(cells[3], ignoreCase: true), Instant(cells[4]), [.. cells[5].Split(' ').Select(Instant)], cells[6]);
        }
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private sealed record Row(CronDialect Dialect, string Expression, string Zone, RepeatedTimes Repeated, DateTimeOffset From, IReadOnlyList<DateTimeOffset> Expected, string Comment)
    {
        public string Name => $"{Dialect.WireName()} '{Expression}' in {Zone} ({Repeated}) from {From:u}: {Comment}";
    }
}
