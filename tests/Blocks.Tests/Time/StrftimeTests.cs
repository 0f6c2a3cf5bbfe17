using System.Globalization;
using Grainflow.Blocks.Time;

namespace Grainflow.Blocks.Tests.Time;

public sealed class StrftimeTests
{
    [Theory]
    [InlineData("%a %A %b %B %h", "Sun Sunday Mar March Mar")]
    [InlineData("%c|%x|%X|%D|%F|%T|%R|%r", "Sun Mar  9 04:05:06 2025|03/09/25|04:05:06|03/09/25|2025-03-09|04:05:06|04:05|04:05:06 AM")]
    [InlineData("%C %y %Y %G %g %j", "20 25 2025 2025 25 068")]
    [InlineData("%d %e %H %k %I %l %m %M %S %f", "09  9 04  4 04  4 03 05 06 789012")]
    [InlineData("%p %P %s %u %w %U %V %W", "AM am 1741507506 7 0 10 10 09")]
    [InlineData("%z %:z %Z", "-0400 -04:00 EDT")]
    [InlineData("%-d %-m %_d %0e %^a %#p", "9 3  9 09 SUN am")]
    [InlineData("100%% %n%t|%Q|%", "100% \n\t|%Q|%")]
    public void Writes_as_Python_does_on_Linux(string format, string expected)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.Parse("2025-03-09T08:05:06.789012Z", CultureInfo.InvariantCulture), zone);

        Assert.Equal(expected, Strftime.Write(format, local, zone));
    }

    [Theory]
    [InlineData("UTC", "UTC")]
    [InlineData("Europe/Paris", "CET")]
    [InlineData("Etc/GMT-12", "+12")]
    public void Zones_go_by_their_abbreviation(string zone, string expected) =>
        Assert.Equal(expected, Strftime.Write("%Z", DateTimeOffset.UnixEpoch, TimeZoneInfo.FindSystemTimeZoneById(zone)));
}
