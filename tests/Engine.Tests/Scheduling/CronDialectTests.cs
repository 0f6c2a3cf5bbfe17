using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Scheduling;

namespace Grainflow.Engine.Tests.Scheduling;

public sealed class CronDialectTests
{
    [Theory]
    [InlineData(CronDialect.Apscheduler, "apscheduler")]
    [InlineData(CronDialect.Autogpt, "autogpt")]
    [InlineData(CronDialect.Standard, "standard")]
    public void A_dialect_has_the_name_of_the_contract(CronDialect dialect, string name)
    {
        Assert.Equal(name, dialect.WireName());
        Assert.True(CronDialects.TryParse(name, out var read));
        Assert.Equal(dialect, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Standard")]
    [InlineData("quartz")]
    public void Another_name_is_no_dialect(string? name) => Assert.False(CronDialects.TryParse(name, out _));

    [Fact]
    public void Without_weekdays_all_dialects_mean_the_same() => Agree(
        from expression in Generators.Any
        let parts = expression.Text.Split(' ')
        where !parts[2].Contains("last") && !parts[..4].Any(part => SingleWithStep(part))
        select $"{parts[0]} {parts[1]} {parts[2]} {parts[3]} *");

    [Fact]
    public void With_weekdays_by_name_and_no_day_of_month_all_dialects_mean_the_same() => Agree(
        from expression in Generators.Any
        from days in Gen.Elements("mon", "mon-fri", "TUE,thu", "sat,sun", "wed-sat", "sun,mon")
        let parts = expression.Text.Split(' ')
        where !SingleWithStep(parts[0]) && !SingleWithStep(parts[1])
        select $"{parts[0]} {parts[1]} * * {days}");

    [Fact]
    public void Autogpt_and_standard_number_weekdays_alike() => Prop.ForAll(
        (from first in Gen.Choose(0, 7) from last in Gen.Choose(first, 7) select first == last ? $"{first}" : $"{first}-{last}").ToArbitrary(),
        days => Same($"0 9 * * {days}", CronDialect.Autogpt, CronDialect.Standard)).QuickCheckThrowOnFailure();

    [Fact]
    public void Apscheduler_and_autogpt_differ_by_one_day_for_each_number()
    {
        for (var day = 0; day <= 6; day++)
        {
            var names = new[] { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
            Assert.Equal(Fields($"0 9 * * {names[day]}", CronDialect.Apscheduler), Fields($"0 9 * * {day}", CronDialect.Apscheduler));
            Assert.Equal(Fields($"0 9 * * {names[(day + 6) % 7]}", CronDialect.Autogpt), Fields($"0 9 * * {day}", CronDialect.Autogpt));
        }
    }

    [Theory]
    [InlineData("@yearly", "0 0 1 1 *")]
    [InlineData("@annually", "0 0 1 1 *")]
    [InlineData("@monthly", "0 0 1 * *")]
    [InlineData("@weekly", "0 0 * * sun")]
    [InlineData("@daily", "0 0 * * *")]
    [InlineData("@Midnight", "0 0 * * *")]
    [InlineData("@hourly", "0 * * * *")]
    public void An_alias_is_the_same_in_all_dialects(string alias, string expression)
    {
        foreach (var dialect in CronDialects.All) Assert.Equal(Fields(expression, dialect), Fields(alias, dialect));
    }

    [Theory]
    [InlineData("5-1", "0,1,5,6")]
    [InlineData("fri-mon", "0,1,5,6")]
    [InlineData("sun-tue", "0-2")]
    [InlineData("fri-sun", "0,5,6")]
    [InlineData("7-2", "0-2")]
    [InlineData("6-2/2", "6,1")]
    [InlineData("7/3", "0,3,6")]
    public void Ranges_of_weekdays_run_over_the_end_of_the_week_in_autogpt(string days, string same) =>
        Assert.Equal(Fields($"0 9 * * {same}", CronDialect.Autogpt), Fields($"0 9 * * {days}", CronDialect.Autogpt));

    [Theory]
    [InlineData("0 0 13 * fri", true)]
    [InlineData("0 0 */2 * fri", false)]
    [InlineData("0 0 13 * */2", false)]
    [InlineData("0 0 13 * *", false)]
    [InlineData("0 0 1-31 * fri", true)]
    public void In_standard_either_day_is_enough_unless_one_field_begins_with_a_star(string text, bool either) => Assert.Equal(either, Fields(text, CronDialect.Standard).EitherDay);

    private static bool SingleWithStep(string field) => field.Split(',').Any(item => item.Contains('/') && char.IsDigit(item[0]) && !item.Contains('-'));

    private static void Agree(Gen<string> texts) => Prop.ForAll(
        texts.ToArbitrary(),
        text => Same(text, CronDialect.Apscheduler, CronDialect.Autogpt) && Same(text, CronDialect.Apscheduler, CronDialect.Standard)).QuickCheckThrowOnFailure();

    private static bool Same(string text, CronDialect one, CronDialect other) => Fields(text, one) == Fields(text, other);

    private static CronFields Fields(string text, CronDialect dialect) => CronExpression.Parse(text, dialect).Fields;
}
