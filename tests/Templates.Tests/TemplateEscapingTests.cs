namespace Grainflow.Templates.Tests;

public sealed class TemplateEscapingTests
{
    private const string Escaped = "&lt;b&gt;&#34;&#39;&amp;&lt;/b&gt;";
    private const string Html = "<b>\"'&</b>";

    [Theory]
    [InlineData("<i>{{ h }}</i>", "<i>" + Escaped + "</i>")]
    [InlineData("{{ h|safe }}", Html)]
    [InlineData("{{ h|e }}{{ h|e|e }}", Escaped + Escaped)]
    [InlineData("{{ h|safe|forceescape }}", Escaped)]
    [InlineData("{{ [h] }}", "[&#39;&lt;b&gt;&#34;\\&#39;&amp;&lt;/b&gt;&#39;]")]
    [InlineData("{{ '<a>' }}", "&lt;a&gt;")]
    [InlineData("{{ h|safe ~ h }}", Html + Escaped)]
    [InlineData("{{ h|safe + h }}", Html + Escaped)]
    [InlineData("{{ h + '<' }}", Escaped + "&lt;")]
    [InlineData("{{ [h, h|safe]|join('<') }}", Escaped + "&lt;" + Html)]
    [InlineData("{{ '<%s>'|safe % h }}", "<" + Escaped + ">")]
    [InlineData("{{ ('<{}>'|safe).format(h) }}", "<" + Escaped + ">")]
    [InlineData("{{ 'ab'|safe|replace('b', '<') }}{{ 'ab<'|replace('b', 'c') }}", "a&lt;ac&lt;")]
    [InlineData("{% macro m(x) %}<p>{{ x }}</p>{% endmacro %}{{ m('<') }}", "<p>&lt;</p>")]
    [InlineData("{% set x %}<p>{{ h }}{% endset %}{{ x }}", "<p>" + Escaped)]
    [InlineData("{% autoescape false %}{{ h }}{% endautoescape %}{{ h }}", Html + Escaped)]
    public void With_escaping_only_markup_stays_as_it_is(string template, string expected) =>
        Assert.Equal(expected, Rendering.Render(template, escapeHtml: true));

    [Theory]
    [InlineData("{{ h }}{{ h|safe }}", Html + Html)]
    [InlineData("{{ h|e }}", Escaped)]
    [InlineData("{{ h|safe ~ h }}", Html + Html)]
    [InlineData("{% autoescape true %}{{ h }}{% endautoescape %}{{ h }}", Escaped + Html)]
    public void Without_escaping_everything_stays_as_it_is(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));
}
