namespace Grainflow.Templates.Tests;

public sealed class TemplateLimitTests
{
    private const int StackBytes = 1024 * 1024;

    [Theory]
    [InlineData("{{ 'x' * 1000000000 }}")]
    [InlineData("{{ 'x'.center(1000000000) }}{{ 'x'|center(1000000000) }}")]
    [InlineData("{{ '%1000000000d' % 1 }}")]
    [InlineData("{{ '{:1000000000}'.format(1) }}")]
    [InlineData("{{ '{:.1000000000f}'.format(1.5) }}")]
    [InlineData("{{ '5'.zfill(1000000000) }}")]
    [InlineData("{{ 'a'|indent(1000000000, true) }}")]
    [InlineData("{{ ('x' * 5000).replace('x', 'y' * 5000) }}")]
    [InlineData("{{ ('\t' * 5000).expandtabs(1000000) }}")]
    [InlineData("{{ [1] * 1000000000 }}")]
    [InlineData("{{ [1]|batch(1000000000, 0)|list }}{{ [1]|slice(1000000000)|list }}")]
    [InlineData("{{ 10 ** (10 ** 10) }}")]
    [InlineData("{% set x = 10 ** 20000 %}{{ x * x }}")]
    [InlineData("{{ 10 ** 5000 }}")]
    public void A_value_that_would_be_too_large_is_refused(string template) => Assert.Throws<TemplateException>(() => Rendering.Render(template));

    [Fact]
    public void The_result_has_a_largest_size()
    {
        const string template = "{% for x in ('x' * 2000) %}{{ s * 1000 }}{% endfor %}";

        var failure = Assert.Throws<TemplateException>(() => Rendering.Render(template));
        Assert.Contains($"{TemplateLimits.MaxText} characters", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loops_have_a_largest_number_of_rounds()
    {
        const string template = "{% set l = [1] * 1500 %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}";

        var failure = Assert.Throws<TemplateException>(() => Rendering.Render(template));
        Assert.Contains("loop rounds", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% set l = [1] * 900000 %}{% for a in [1] * 100000 %}{% if 2 in l %}{% endif %}{% endfor %}")]
    [InlineData("{% set t = 'x' * 9000000 %}{% for a in [1] * 100000 %}{{ (t|upper)[0] }}{% endfor %}")]
    [InlineData("{{ ('<!--x-->' * 100000)|striptags }}")]
    [InlineData("{% for x in [1] * 9 %}{{ ([3, 1, 2] * 200000)|sort|length }}{% endfor %}")]
    public void Work_is_limited(string template) =>
        Assert.Contains("work", Assert.Throws<TemplateException>(() => Rendering.Render(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void Lists_that_share_parts_neither_print_nor_compare_without_end()
    {
        var doubling = string.Concat(Enumerable.Range(0, 60).Select(i => $"{{% set a = [a, a] %}}{{% set b = [b, b] %}}"));

        Assert.Throws<TemplateException>(() => Rendering.Render("{% set a = 1 %}" + doubling + "{{ a }}"));
        Assert.Throws<TemplateException>(() => Rendering.Render("{% set a = 1 %}{% set b = 1 %}" + doubling + "{{ a == b }}"));
        Assert.Throws<TemplateException>(() => Rendering.Render("{% set a = [1] %}{{ a.append(a) }}{{ a }}"));
    }

    public static IEnumerable<TheoryDataRow<string>> Deep() =>
    [
        new("{{ " + new string('(', 100_000) + " }}"),
        new("{{ " + string.Concat(Enumerable.Repeat("not ", 100_000)) + "1 }}"),
        new("{{ " + new string('-', 100_000) + "1 }}"),
        new("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}"),
        new("{{ a" + string.Concat(Enumerable.Repeat(".a", 100_000)) + " }}"),
        new("{{ a" + string.Concat(Enumerable.Repeat("|upper", 100_000)) + " }}"),
        new("{{ 1" + string.Concat(Enumerable.Repeat(" if 1", 100_000)) + " }}"),
        new("{{ 1" + string.Concat(Enumerable.Repeat(" if 1 else 1", 100_000)) + " }}"),
        new("{{ " + new string('[', 100_000) + " }}"),
        new(string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000))),
        new(string.Concat(Enumerable.Repeat("{% filter upper %}", 250)) + string.Concat(Enumerable.Repeat("{% endfilter %}", 250)) + "{{ " + new string('(', 100_000)),
        new("{% set x" + string.Concat(Enumerable.Repeat("|upper", 100_000)) + " %}{% endset %}"),
        new("{% for " + new string('(', 100_000) + " %}"),
        new("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
        new("{% macro f() %}{{ caller }}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}"),
        new("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
        new("{{ " + string.Concat(Enumerable.Repeat("'{:", 1)) + new string('{', 100_000) + "'.format(1) }}"),
    ];

    [Theory]
    [MemberData(nameof(Deep), DisableDiscoveryEnumeration = true)]
    public void Depth_is_limited_before_a_small_stack_is_used_up(string template)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => Rendering.Render(template)), StackBytes);
        thread.Start();
        thread.Join();

        Assert.IsType<TemplateException>(failure);
    }

    [Fact]
    public void What_people_write_stays_within_the_limits()
    {
        var sum = "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 200)) + " }}";
        var nested = "{{ " + new string('(', 60) + "1" + new string(')', 60) + " }}";
        const string table = "{% for r in [1] * 300 %}{% for c in [1] * 300 %}{{ c|string|upper }},{% endfor %}{% endfor %}";

        Assert.Equal("201", Rendering.Render(sum));
        Assert.Equal("1", Rendering.Render(nested));
        Assert.Equal(300 * 300 * 2, Rendering.Render(table).Length);
    }
}
