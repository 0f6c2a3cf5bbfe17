using Grainflow.Engine.Scheduling;

namespace Grainflow.Engine.Tests.Scheduling;

/// <summary>Each refusal names the field, the reason and the cure (contract: semantics 5.4; decision 13).</summary>
public sealed class CronErrorTests
{
    private const CronDialect Apscheduler = CronDialect.Apscheduler;
    private const CronDialect Autogpt = CronDialect.Autogpt;
    private const CronDialect Standard = CronDialect.Standard;
    private const string Aliases = "@yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly";
    private const string Five = "minute, hour, day of month, month, day of week";

    public static TheoryData<string, string> RefusedByAll => new()
    {
        { "", $"cron expression: it is empty; write five fields: {Five}." },
        { " \t\r\n ", $"cron expression: it is empty; write five fields: {Five}." },
        { "0", $"cron expression: it has one field instead of five: {Five}." },
        { "0 9 * *", $"cron expression: it has 4 fields instead of five: {Five}." },
        { "0 0 9 * * 1", $"cron expression: it has 6 fields instead of five: {Five}. Seconds and years are not accepted; leave out the field that is too many." },
        { "0 0 9 * * ? 2026", $"cron expression: it has 7 fields instead of five: {Five}. Seconds and years are not accepted; leave out both." },
        { "0 0 9 * * 1 2 3", $"cron expression: it has 8 fields instead of five: {Five}." },
        { "@reboot", $"cron expression: @reboot is not a time; the aliases are {Aliases}." },
        { "@every 5m", $"cron expression: '@every 5m' is not an alias; the aliases are {Aliases}." },
        { "@daily x", $"cron expression: '@daily x' is not an alias; the aliases are {Aliases}." },
        { "60 * * * *", "minute: 60 is not one of the numbers from 0 to 59." },
        { "007,0099 * * * *", "minute: 99 is not one of the numbers from 0 to 59." },
        { "99999999999999 * * * *", "minute: 99999999999999 is not one of the numbers from 0 to 59." },
        { "* 24 * * *", "hour: 24 is not one of the numbers from 0 to 23; midnight is 0." },
        { "* 25 * * *", "hour: 25 is not one of the numbers from 0 to 23." },
        { "0 0 0 * *", "day of month: 0 is not one of the numbers from 1 to 31." },
        { "0 0 32 * *", "day of month: 32 is not one of the numbers from 1 to 31." },
        { "0 0 * 0 *", "month: 0 is not one of the numbers from 1 to 12." },
        { "0 0 * 13 *", "month: 13 is not one of the numbers from 1 to 12." },
        { "*/60 * * * *", "minute: '*/60': the step is longer than the values from 0 to 59; the longest step here is 59." },
        { "*/90 * * * *", "minute: '*/90': the step is longer than the values from 0 to 59; the longest step here is 59." },
        { "* */25 * * *", "hour: '*/25': the step is longer than the values from 0 to 23; the longest step here is 23." },
        { "0 0 */31 * *", "day of month: '*/31': the step is longer than the values from 1 to 31; the longest step here is 30." },
        { "0 0 * */12 *", "month: '*/12': the step is longer than the values from 1 to 12; the longest step here is 11." },
        { "0 0 * * */7", "day of week: '*/7': the step is longer than the values from 0 to 6; the longest step here is 6." },
        { "*/99999999999999 * * * *", "minute: '*/99999999999999': the step is longer than the values from 0 to 59; the longest step here is 59." },
        { "5-7/3 * * * *", "minute: '5-7/3': the step is longer than the values from 5 to 7; the longest step here is 2." },
        { "5-5/1 * * * *", "minute: '5-5/1': the step is longer than the values from 5 to 5; a range of one value has no step." },
        { "*/0 * * * *", "minute: '*/0': the step must be 1 or more." },
        { "*/ * * * *", "minute: '*/': the step after '/' must be a number from 1 on." },
        { "*/-5 * * * *", "minute: '*/-5': the step after '/' must be a number from 1 on." },
        { "*/a * * * *", "minute: '*/a': the step after '/' must be a number from 1 on." },
        { "1-9/2/3 * * * *", "minute: '1-9/2/3' has more than one '/'; write one step." },
        { "0 22-2 * * *", "hour: '22-2' ends before it begins; for a range over the end write 22-23,0-2." },
        { "0 23-0 * * *", "hour: '23-0' ends before it begins; for a range over the end write 23,0." },
        { "0 0 28-3 * *", "day of month: '28-3' ends before it begins; for a range over the end write 28-31,1-3." },
        { "0 0 * nov-feb *", "month: 'nov-feb' ends before it begins; for a range over the end write nov-dec,jan-feb." },
        { "1-2-3 * * * *", "minute: '1-2-3' has more than one '-'; write a range as FIRST-LAST." },
        { "5- * * * *", "minute: '5-' lacks a value beside '-' or '/'; write a number from 0 to 59." },
        { "-5 * * * *", "minute: '-5' lacks a value beside '-' or '/'; write a number from 0 to 59." },
        { "/5 * * * *", "minute: '/5' lacks a value beside '-' or '/'; write a number from 0 to 59." },
        { "1,,2 * * * *", "minute: '1,,2' has a comma with nothing before or after it; write a value there or leave the comma out." },
        { ",1 * * * *", "minute: ',1' has a comma with nothing before or after it; write a value there or leave the comma out." },
        { "1, * * * *", "minute: '1,' has a comma with nothing before or after it; write a value there or leave the comma out." },
        { "** * * * *", "minute: '**': * stands alone or before a step, as in */2." },
        { "*-5 * * * *", "minute: '*-5': * stands alone or before a step, as in */2." },
        { "1.5 * * * *", "minute: '1.5' is not a number from 0 to 59." },
        { "+5 * * * *", "minute: '+5' is not a number from 0 to 59." },
        { "１ * * * *", "minute: '１' is not a number from 0 to 59." },
        { "mon * * * *", "minute: 'mon' is not a number from 0 to 59." },
        { "0 0 * january *", "month: 'january' is too long; write jan." },
        { "0 0 * Sept *", "month: 'Sept' is too long; write sep." },
        { "0 0 * xyz *", "month: 'xyz' is not a number from 1 to 12 or one of the names jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec." },
        { "0 0 * * monday", "day of week: 'monday' is too long; write mon." },
        { "0 0 * * sunday", "day of week: 'sunday' is too long; write sun." },
        { "0 0 * * Thurs", "day of week: 'Thurs' is too long; write thu." },
        { "0 9 ? * *", "day of month: '?': '?' is not of cron but of Quartz; write *." },
        { "0 9 * * ?", "day of week: '?': '?' is not of cron but of Quartz; write *." },
        { "0 9 LW * *", "day of month: 'LW': the nearest workday ('W') is not accepted; name the days." },
        { "0 9 15W * *", "day of month: '15W': the nearest workday ('W') is not accepted; name the days." },
        { "0 9 W * *", "day of month: 'W': the nearest workday ('W') is not accepted; name the days." },
        { "0 9 last-3 * *", "day of month: 'last-3': 'last' stands alone, without a range or a step." },
        { "0 9 last/2 * *", "day of month: 'last/2': 'last' stands alone, without a range or a step." },
        { "0 9 lastly * *", "day of month: 'lastly' is not a number from 1 to 31." },
        { "0 9 * * last", "day of week: 'last' is not a number from 0 to {highest} or one of the names {weekdays}." },
        { "0 0 31 2 *", "day of month: '31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months." },
        { "0 0 30-31 feb *", "day of month: '30-31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months." },
        { "0 0 31 2,4,6,9,11 *", "day of month: '31' never comes: the months of this expression have at most 30 days. Name a day up to 30, or other months." },
    };

    public static TheoryData<CronDialect, string, string> RefusedByOne => new()
    {
        { Apscheduler, "0 9 * * 7", "day of week: 7 is not one of the numbers from 0 to 6; in the dialect apscheduler Sunday is 6, and its name sun is the same in all dialects." },
        { Apscheduler, "0 9 * * 8", "day of week: 8 is not one of the numbers from 0 to 6." },
        { Autogpt, "0 9 * * 8", "day of week: 8 is not one of the numbers from 0 to 7." },
        { Standard, "0 9 * * 8", "day of week: 8 is not one of the numbers from 0 to 7." },
        { Apscheduler, "0 9 * * 5-1", "day of week: '5-1' ends before it begins; for a range over the end write 5-6,0-1." },
        { Apscheduler, "0 9 * * fri-mon", "day of week: 'fri-mon' ends before it begins; for a range over the end write fri-sun,mon." },
        { Apscheduler, "0 9 * * sun-tue", "day of week: 'sun-tue' ends before it begins; for a range over the end write sun,mon-tue." },
        { Standard, "0 9 * * 5-1", "day of week: '5-1' ends before it begins; for a range over the end write 5-6,0-1." },
        { Standard, "0 9 * * FRI-SUN", "day of week: 'FRI-SUN' ends before it begins; for a range over the end write FRI-sat,sun." },
        { Standard, "0 9 * * 7-2", "day of week: '7-2' ends before it begins; a range that begins with Sunday is written 0-2." },
        { Standard, "0 9 * * 7-0", "day of week: '7-0' ends before it begins; a range that begins with Sunday is written 0." },
        { Apscheduler, "0 9 * * mon-fri/2", "day of week: 'mon-fri/2': the dialect apscheduler has no steps over names; list the names, or write the range in numbers." },
        { Autogpt, "0 9 * * mon-fri/2", "day of week: 'mon-fri/2': the dialect autogpt has no steps over names; list the names, or write the range in numbers." },
        { Apscheduler, "0 9 * jan/2 *", "month: 'jan/2': the dialect apscheduler has no steps over names; list the names, or write the range in numbers." },
        { Standard, "0 9 * jan/2 *", "month: 'jan/2': in the dialect standard a step follows * or a range; write jan-dec/2." },
        { Apscheduler, "0 9 * * mon-4", "day of week: 'mon-4' mixes a name and a number; write two names or two numbers." },
        { Autogpt, "0 9 * 1-mar *", "month: '1-mar' mixes a name and a number; write two names or two numbers." },
        { Apscheduler, "59/1 * * * *", "minute: '59/1': the step is longer than the values from 59 to 59; a range of one value has no step." },
        { Autogpt, "50/10 * * * *", "minute: '50/10': the step is longer than the values from 50 to 59; the longest step here is 9." },
        { Standard, "5/15 * * * *", "minute: '5/15': in the dialect standard a step follows * or a range; write 5-59/15." },
        { Standard, "59/1 * * * *", "minute: '59/1': in the dialect standard a step follows * or a range; leave it out." },
        { Standard, "0 9 last * *", "day of month: the dialect standard has no 'last'; choose the dialect autogpt or apscheduler for the last day of a month." },
        { Standard, "0 9 L * *", "day of month: 'L': the last day in the way of Quartz ('L') is not accepted; the dialects autogpt and apscheduler have 'last' in the day of month." },
        { Apscheduler, "0 9 L * *", "day of month: 'L': the last day in the way of Quartz ('L') is not accepted; write 'last' in the day of month for its last day." },
        { Apscheduler, "0 9 L-3 * *", "day of month: 'L-3': the last day in the way of Quartz ('L') is not accepted; write 'last' in the day of month for its last day." },
        { Autogpt, "0 9 * * 5L", "day of week: '5L': the last day in the way of Quartz ('L') is not accepted; write 'last' in the day of month for its last day." },
        { Apscheduler, "0 9 * * mon#1", "day of week: 'mon#1': the n-th weekday of a month ('#') is not accepted; the first Monday of a month is the days 1-7 together with the weekday mon." },
        { Autogpt, "0 9 * * 1#1", "day of week: '1#1': the n-th weekday of a month ('#') is not accepted; the first Monday of a month is the days 1-7 together with the weekday mon." },
        { Standard, "0 9 * * mon#1", "day of week: 'mon#1': the n-th weekday of a month ('#') is not accepted; the dialects autogpt and apscheduler can say it as the days 1-7 of the month together with a weekday." },
        { Apscheduler, "0 0 31 2 mon", "day of month: '31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months." },
        { Standard, "0 0 31 2 */2", "day of month: '31' never comes: the months of this expression have at most 29 days. Name a day up to 29, or other months." },
    };

    [Theory]
    [MemberData(nameof(RefusedByAll))]
    public void Every_dialect_refuses(string text, string message)
    {
        foreach (var dialect in CronDialects.All)
        {
            var expected = message.Replace("{highest}", dialect == Apscheduler ? "6" : "7")
                .Replace("{weekdays}", dialect == Apscheduler ? "mon, tue, wed, thu, fri, sat, sun" : "sun, mon, tue, wed, thu, fri, sat");
            Assert.Equal(expected, Refusal(text, dialect).Message);
        }
    }

    [Theory]
    [MemberData(nameof(RefusedByOne))]
    public void A_dialect_refuses_what_it_does_not_have(CronDialect dialect, string text, string message) => Assert.Equal(message, Refusal(text, dialect).Message);

    [Fact]
    public void A_refusal_names_the_field_for_programs_too()
    {
        var refusal = Refusal("0 0 * 13 *", Standard);
        Assert.Equal((CronField.Month, "month", "13 is not one of the numbers from 1 to 12."), (refusal.Field, refusal.FieldName, refusal.Reason));
    }

    [Fact]
    public void The_longest_expression_is_read_and_a_longer_one_is_refused()
    {
        Assert.Equal("* * * * *", CronExpression.Parse("* * * * *".PadRight(512), Standard).Text);
        Assert.Equal("cron expression: it has 513 characters; the most are 512.", Refusal("* * * * *".PadRight(513), Standard).Message);
    }

    [Fact]
    public void Every_value_of_every_field_listed_fits_the_longest_expression()
    {
        var text = $"{List(0, 59)} {List(0, 23)} {List(1, 31)} {List(1, 12)} {List(0, 6)}";
        Assert.Equal("Every minute", CronExpression.Parse(text, Apscheduler).Describe());
    }

    [Fact]
    public void Text_at_random_is_read_or_refused_with_a_reason()
    {
        var random = new Random(20260101);
        const string Letters = "0123456789*/-,?LW#@ monfrilastjan７\0é";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Letters[random.Next(Letters.Length)]));
            var fields = string.Join(' ', text, "*", "1", "*", "*");
            foreach (var one in new[] { text, fields })
            {
                try
                {
                    Assert.NotEmpty(CronExpression.Parse(one, CronDialects.All[i % 3]).Describe());
                }
                catch (CronException refusal)
                {
                    Assert.EndsWith(".", refusal.Reason, StringComparison.Ordinal);
                }
            }
        }
    }

    private static string List(int first, int last) => string.Join(',', Enumerable.Range(first, last - first + 1));

    private static CronException Refusal(string text, CronDialect dialect) => Assert.Throws<CronException>(() => CronExpression.Parse(text, dialect));
}
