using Grainflow.Engine.Scheduling;

namespace Grainflow.Engine.Tests.Scheduling;

public sealed class CronDescriptionTests
{
    [Theory]
    [InlineData("* * * * *", "Every minute")]
    [InlineData("*/1 * * * *", "Every minute")]
    [InlineData("*/15 * * * *", "Every 15 minutes")]
    [InlineData("*/7 * * * *", "Every hour, at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56")]
    [InlineData("0 * * * *", "Every hour")]
    [InlineData("30 * * * *", "Every hour, at minute 30")]
    [InlineData("0 9 * * *", "At 09:00 every day")]
    [InlineData("0 9 * * mon-fri", "At 09:00 on Monday through Friday")]
    [InlineData("5 0,17 * * mon,wed", "At 00:05 and 17:05 on Monday and Wednesday")]
    [InlineData("0 9 * * 5-7", "At 09:00 on Friday through Sunday")]
    [InlineData("0 9 * * sat,sun,mon", "At 09:00 on Saturday through Monday")]
    [InlineData("0 9 * * mon,wed,sun", "At 09:00 on Monday, Wednesday and Sunday")]
    [InlineData("0 9 * * 0-6", "At 09:00 every day")]
    [InlineData("0 */6 * * *", "At 00:00, 06:00, 12:00 and 18:00 every day")]
    [InlineData("0 */2 * * *", "Every 2 hours")]
    [InlineData("30 */2 * * sat", "Every 2 hours, at minute 30 on Saturday")]
    [InlineData("0 9-17 * * mon-fri", "Every hour from 09:00 through 17:00 on Monday through Friday")]
    [InlineData("*/15 9-17 * * mon-fri", "Every 15 minutes from 09:00 through 17:45 on Monday through Friday")]
    [InlineData("*/15 9,13,17 * * *", "Every 15 minutes from 09:00 through 09:45, from 13:00 through 13:45 and from 17:00 through 17:45")]
    [InlineData("* 1,3,5,7 * * *", "Every minute of the hours 1, 3, 5 and 7")]
    [InlineData("5-10 1,3,5 * * *", "At minutes 5 through 10 of the hours 1, 3 and 5")]
    [InlineData("0 9 1 * *", "At 09:00 on day 1 of the month")]
    [InlineData("0 9 1,15 * *", "At 09:00 on days 1 and 15 of the month")]
    [InlineData("0 0 29 2 *", "At 00:00 on day 29 of February")]
    [InlineData("0 9 * jan-mar *", "At 09:00 every day in January through March")]
    [InlineData("*/5 * * jul *", "Every 5 minutes in July")]
    [InlineData("0 9 * 6,12 mon", "At 09:00 on Monday in June and December")]
    [InlineData("0 0 13 * fri", "At 00:00 on day 13 of the month and on every Friday")]
    [InlineData("0 0 1-7 1,7 mon", "At 00:00 on days 1 through 7 of January and July and on every Monday in January and July")]
    [InlineData("@daily", "At 00:00 every day")]
    [InlineData("@midnight", "At 00:00 every day")]
    [InlineData("@weekly", "At 00:00 on Sunday")]
    [InlineData("@monthly", "At 00:00 on day 1 of the month")]
    [InlineData("@YEARLY", "At 00:00 on day 1 of January")]
    [InlineData("@annually", "At 00:00 on day 1 of January")]
    [InlineData("@hourly", "Every hour")]
    public void An_expression_is_described_in_English(string text, string description) => Assert.Equal(description, CronExpression.Parse(text, CronDialect.Standard).Describe());

    [Theory]
    [InlineData("0 0 13 * fri", "At 00:00 on day 13 of the month, if it is Friday")]
    [InlineData("0 0 1-7 * mon,tue", "At 00:00 on days 1 through 7 of the month, if it is Monday or Tuesday")]
    [InlineData("0 0 last * *", "At 00:00 on the last day of the month")]
    [InlineData("0 0 LAST 2 *", "At 00:00 on the last day of February")]
    [InlineData("0 0 1,15,last * *", "At 00:00 on days 1 and 15 and the last day of the month")]
    [InlineData("0 0 last * fri", "At 00:00 on the last day of the month, if it is Friday")]
    [InlineData("@weekly", "At 00:00 on Sunday")]
    public void Where_both_days_must_match_the_description_says_so(string text, string description)
    {
        Assert.Equal(description, CronExpression.Parse(text, CronDialect.Apscheduler).Describe());
        Assert.Equal(description, CronExpression.Parse(text, CronDialect.Autogpt).Describe());
    }

    [Theory]
    [InlineData(CronDialect.Apscheduler, "At 09:00 on Tuesday through Saturday", "The day of week '1-5' means Tuesday through Saturday in the dialect apscheduler; in autogpt and standard it means Monday through Friday. Written as tue,wed,thu,fri,sat it means the same days in every dialect.")]
    [InlineData(CronDialect.Autogpt, "At 09:00 on Monday through Friday", "The day of week '1-5' means Monday through Friday in the dialect autogpt; in apscheduler it means Tuesday through Saturday. Written as mon,tue,wed,thu,fri it means the same days in every dialect.")]
    [InlineData(CronDialect.Standard, "At 09:00 on Monday through Friday", "The day of week '1-5' means Monday through Friday in the dialect standard; in apscheduler it means Tuesday through Saturday. Written as mon,tue,wed,thu,fri it means the same days in every dialect.")]
    public void A_warning_names_the_days_where_dialects_disagree(CronDialect dialect, string description, string warning)
    {
        var expression = CronExpression.Parse("0 9 * * 1-5", dialect);
        Assert.Equal((description, warning), (expression.Describe(), expression.DialectWarning));
    }

    [Fact]
    public void A_warning_leaves_out_dialects_that_refuse_the_day() => Assert.Equal(
        "The day of week '1/2' means Monday, Wednesday and Friday in the dialect autogpt; in apscheduler it means Tuesday, Thursday and Saturday. Written as mon,wed,fri it means the same days in every dialect.",
        CronExpression.Parse("0 9 * * 1/2", CronDialect.Autogpt).DialectWarning);

    [Theory]
    [InlineData("0 9 * * mon-fri")]
    [InlineData("0 9 * * *")]
    [InlineData("0 9 * * 0-6")]
    [InlineData("0 9 1-7 * *")]
    [InlineData("0 9 * * 7")]
    [InlineData("@weekly")]
    public void There_is_no_warning_where_all_dialects_that_accept_the_days_agree(string text) => Assert.Null(CronExpression.Parse(text, CronDialect.Standard).DialectWarning);

    [Fact]
    public void The_text_keeps_its_words_and_loses_superfluous_blanks() =>
        Assert.Equal("*/5 9 * JAN MON-fri", CronExpression.Parse("  */5  9\t* JAN   MON-fri \n", CronDialect.Apscheduler).ToString());
}
