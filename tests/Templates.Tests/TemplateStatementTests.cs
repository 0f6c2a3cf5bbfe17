namespace Grainflow.Templates.Tests;

public sealed class TemplateStatementTests
{
    [Theory]
    [InlineData("{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}", "1032TrueFalse3 2121FalseFalse3 3210FalseTrue3 ")]
    [InlineData("{% for x in l %}[{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}]{% endfor %}", "[<3>1][3<1>2][1<2>]")]
    [InlineData("{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{{ loop.cycle('a', 'b') }} {% endfor %}", "Truea Falseb Truea ")]
    [InlineData("{% for x in e %}x{% else %}none{% endfor %}{% for x in missing %}x{% else %}none{% endfor %}", "nonenone")]
    [InlineData("{% for x in l if x > 1 %}{{ x }}/{{ loop.length }} {% else %}no{% endfor %}", "3/2 2/2 ")]
    [InlineData("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}", "b=2;a=1;ba")]
    [InlineData("{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123")]
    [InlineData("{% for x in [[1, [2]], 3] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}@{{ loop.depth }} {% endif %}{% endfor %}", "(1@2 (2@3 ))3@1 ")]
    [InlineData("{% for x in [1, 2] %}{% for y in [1, 2] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "121122")]
    public void Loops_know_where_they_are(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}{% for i in [1] %}{% set x = 3 %}{{ x }}{% endfor %}{{ x }}", "232")]
    [InlineData("{% set a, b = 1, 2 %}{% set a, b = b, a %}{{ a }}{{ b }}", "21")]
    [InlineData("{% set x %}hi {{ n }}{% set inner = 1 %}{% endset %}{{ x }}{{ inner }}", "hi 5")]
    [InlineData("{% set x | upper | replace('H', 'J') %}hi{% endset %}{{ x }}", "JI")]
    [InlineData("{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}", "15")]
    [InlineData("{% filter upper | replace('A', 'x') %}abc{{ s }}{% endfilter %}", "xBCHELLO WORLD")]
    [InlineData("{% block a %}x{{ n }}{% endblock %}{% block b %}y{% endblock b %}{% print n, 2 %}", "x5y52")]
    [InlineData("{% set x = [1] %}{% set ignored = x.append(2) %}{{ x }}", "[1, 2]")]
    public void Names_live_in_their_scope(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }} {{ m(1, 3, 4, x=5) }} {{ m(b=1) }}", "12(){} 13(4,){'x': 5} 1(){}")]
    [InlineData("{% macro m(a) %}[{{ caller(a) }}]{% endmacro %}{% call(x) m(3) %}got {{ x }}{% endcall %}", "[got 3]")]
    [InlineData("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210")]
    [InlineData("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}", "1")]
    public void Macros_take_arguments_and_callers(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("a {#- c -#} b {# x #} c", "ab  c")]
    [InlineData("a  {{- n -}}  b {{ n -}}\n c", "a5b 5c")]
    [InlineData("{%+ if t +%} x {%+ endif %}", " x ")]
    [InlineData("a{% raw %}{{ x }}{% if %}{% endraw %}|{%- raw -%}  a  {%- endraw -%}  b", "a{{ x }}{% if %}|ab")]
    [InlineData("line\r\n{% if t %}\r\nx\r{% endif %}\r\n\r\n", "line\n\nx\n\n")]
    [InlineData("{{ 'x' if t }}|{{ 1 if z }}|{{ 1 if z else 2 if t else 3 }}", "x||2")]
    [InlineData("{{ {'a': {'b': 1}}}} { } {{ '}}' }}", "{'a': {'b': 1}} { } }}")]
    public void Text_around_tags_is_kept_or_trimmed(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{% unknown %}", "unknown tag 'unknown'")]
    [InlineData("{% if t %}", "Unexpected end of template")]
    [InlineData("{% endif %}", "unknown tag 'endif'")]
    [InlineData("\n{{ x", "line 2")]
    [InlineData("{{ (1 }}", "unexpected '}'")]
    [InlineData("{{ a b }}", "expected token 'end of print statement', got 'b'")]
    [InlineData("{# nope", "Missing end of comment tag")]
    [InlineData("{% raw %}", "Missing end of raw directive")]
    [InlineData("{% include 'x' %}", "'include' is not available")]
    [InlineData("{% set true = 1 %}", "can't assign")]
    [InlineData("{{ 1 is odd is even }}", "cannot chain")]
    [InlineData("{% for a, b in [(1, 2, 3)] %}{% endfor %}", "too many values to unpack")]
    [InlineData("{{ x is nosuch }}", "No test named 'nosuch'")]
    [InlineData("{{ x|pprint }}{{ x|tojson }}{{ x|urlize }}{{ x|xmlattr }}", "No filter named 'pprint'")]
    [InlineData("{% set ns = namespace(a=1) %}", "'namespace' is undefined")]
    public void A_mistake_is_named(string template, string expected) =>
        Assert.Contains(expected, Assert.Throws<TemplateException>(() => Rendering.Render(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_filter_in_a_branch_that_is_not_taken_does_not_matter() =>
        Assert.Equal("ok", Rendering.Render("{% if false %}{{ x|nosuch }}{% endif %}ok"));
}
