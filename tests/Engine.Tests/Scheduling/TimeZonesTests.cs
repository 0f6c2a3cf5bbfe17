using Grainflow.Engine.Scheduling;
using NodaTime;

namespace Grainflow.Engine.Tests.Scheduling;

public sealed class TimeZonesTests
{
    private static readonly TimeZones Zones = new(DateTimeZoneProviders.Tzdb);

    [Theory]
    [InlineData("UTC")]
    [InlineData("EST")]
    [InlineData("Europe/London")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Asia/Calcutta")]
    [InlineData("Etc/GMT+5")]
    public void A_zone_of_the_data_base_is_found(string id) => Assert.Equal(id, Zones.Find(id).Id);

    [Theory]
    [InlineData("PST", "'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("pdt", "'pdt' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("CST", "'CST' is not a time zone of the IANA data base; use America/Chicago.")]
    [InlineData("EDT", "'EDT' is not a time zone of the IANA data base; use America/New_York.")]
    [InlineData("BST", "'BST' is not a time zone of the IANA data base; use Europe/London.")]
    [InlineData("IST", "'IST' is not a time zone of the IANA data base; use Asia/Kolkata.")]
    [InlineData("utc", "'utc' is not a time zone of the IANA data base; use UTC.")]
    [InlineData("europe/london", "'europe/london' is not a time zone of the IANA data base; use Europe/London.")]
    [InlineData("America/New York", "'America/New York' is not a time zone of the IANA data base; use America/New_York.")]
    [InlineData("Tokyo", "'Tokyo' is not a time zone of the IANA data base; use Asia/Tokyo.")]
    [InlineData("Pacific Standard Time", "'Pacific Standard Time' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("UTC+05:30", "'UTC+05:30' is not a time zone of the IANA data base; use an IANA name such as Europe/London, or UTC.")]
    [InlineData("Mars/Olympus", "'Mars/Olympus' is not a time zone of the IANA data base; use an IANA name such as Europe/London, or UTC.")]
    [InlineData("", "'' is not a time zone of the IANA data base; use an IANA name such as Europe/London, or UTC.")]
    public void An_unknown_zone_is_refused_with_the_right_name_where_it_is_known(string id, string message)
    {
        var refusal = Assert.Throws<UnknownTimeZoneException>(() => Zones.Find(id));
        Assert.Equal((message, id), (refusal.Message, refusal.Id));
    }

    [Fact]
    public void A_long_name_is_shown_shortened() =>
        Assert.Equal($"'{new string('x', 64)}...' is not a time zone of the IANA data base; use an IANA name such as Europe/London, or UTC.", Assert.Throws<UnknownTimeZoneException>(() => Zones.Find(new string('x', 5000))).Message);

    [Fact]
    public void Every_zone_that_is_proposed_exists()
    {
        var abbreviations = typeof(TimeZones).GetField("Abbreviations", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetValue(null);
        var pairs = Assert.IsAssignableFrom<IEnumerable<KeyValuePair<string, string>>>(abbreviations).ToList();
        Assert.NotEmpty(pairs);
        foreach (var (name, zone) in pairs)
        {
            Assert.Equal(zone, Zones.Find(zone).Id);
            Assert.Throws<UnknownTimeZoneException>(() => Zones.Find(name));
        }
    }
}
