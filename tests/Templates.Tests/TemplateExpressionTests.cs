namespace Grainflow.Templates.Tests;

public sealed class TemplateExpressionTests
{
    [Theory]
    [InlineData("{{ 1 + 2.5 }} {{ 7 // -2 }} {{ -7 % 3 }} {{ -7.5 % 2 }} {{ 2 ** -1 }} {{ 10 ** 20 }} {{ 2 ** 3 ** 2 }}", "3.5 -4 2 0.5 0.5 100000000000000000000 64")]
    [InlineData("{{ 0.1 + 0.2 }} {{ 1e22 }} {{ 1e-7 }} {{ 1 / 3 }} {{ 1e16 }} {{ -0.0 }}", "0.30000000000000004 1e+22 1e-07 0.3333333333333333 1e+16 -0.0")]
    [InlineData("{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1.5e-7 }}", "1000 31 5 15 1.5e-07")]
    [InlineData("{{ 'a' * 3 }} {{ [1] * 2 }} {{ [1] + [2] }} {{ (1, 2) + (3,) }} {{ true + 1 }}", "aaa [1, 1] [1, 2] (1, 2, 3) 2")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 1 == 1.0 }} {{ [1, 2] < [1, 3] }} {{ d == {'a': 1, 'b': 2} }}", "True False True True True")]
    [InlineData("{{ 1 in l }} {{ 'H' in s }} {{ 'a' in d }} {{ 2 in d.values() }} {{ 1 in missing }}", "True True True True False")]
    [InlineData("{{ not t and z or n }} {{ 0 or 'x' }} {{ 'a' ~ 1 ~ none ~ [1] }} {{ 1 ~ 2 * 3 }}", "5 x a1None[1] 16")]
    [InlineData("{{ s[0] }}{{ s[-1] }}{{ s[1:3] }}{{ s[::-1] }} {{ l[::2] }}{{ l[10:] }}{{ l[2:0:-1] }}", "HdeldlroW olleH [3, 2][][2, 1]")]
    [InlineData("{{ u[2] }} {{ u|length }} {{ u|reverse }} {{ u.find('é') }} {{ u|list }}", "😀 4 é😀本日 3 ['日', '本', '😀', 'é']")]
    [InlineData("{{ 'a' 'b' }} {{ \"x\\ty\\x41\\u00e9\\q\\\\\" }}", "ab x\tyAé\\q\\")]
    [InlineData("{{ {1: 'a', 1.0: 'b', true: 'c'} }} {{ {(1, 2): 3} }} {{ [missing, (), {}, 1.0] }}", "{1: 'c'} {(1, 2): 3} [Undefined, (), {}, 1.0]")]
    [InlineData("{{ [\"it's\", '\"', '\\n'] }} {{ (1,) }} {{ 1, 2 }} {{ d.items() }}", "[\"it's\", '\"', '\\n'] (1,) (1, 2) dict_items([('b', 2), ('a', 1)])")]
    [InlineData("{{ users[0].name }} {{ users.0['age'] }} {{ users[-1].get('city') }} {{ users[9] }}|{{ d.q }}|{{ n.foo }}", "Bo 3 NY ||")]
    [InlineData("{{ {'items': 1}['items'] }} {{ {'_x': 1}._x }} {{ s.__class__ }}{{ s['__class__'] }}{{ s|attr('__class__') }}", "1 1 ")]
    public void Expressions_compute_and_print_as_Python_does(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{{ missing }}{{ missing|length }}{{ missing|join }}{{ missing|default('x') }}{{ missing is defined }}{% if missing %}x{% endif %}", "0xFalse")]
    [InlineData("{{ z|default('x') }} {{ z|default('x', true) }} {{ e|d('q', boolean=true) }}", "None x q")]
    public void Something_undefined_is_empty(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{{ missing.x }}")]
    [InlineData("{{ missing['x'] }}")]
    [InlineData("{{ missing() }}")]
    [InlineData("{{ missing + 1 }}")]
    [InlineData("{{ 1 < missing }}")]
    [InlineData("{{ missing|int }}")]
    [InlineData("{{ d.q.r }}")]
    public void Any_other_use_of_something_undefined_fails(string template) => Assert.Throws<TemplateException>(() => Rendering.Render(template));

    [Theory]
    [InlineData("{{ 1 // 0 }}", "integer division or modulo by zero")]
    [InlineData("{{ 1.0 / 0 }}", "float division by zero")]
    [InlineData("{{ 0 ** -1 }}", "0.0 cannot be raised to a negative power")]
    [InlineData("{{ none < 1 }}", "'<' not supported between instances of 'NoneType' and 'int'")]
    [InlineData("{{ 'a' + 1 }}", "can only concatenate str (not \"int\") to str")]
    [InlineData("{{ 1 in 'a' }}", "'in <string>' requires string as left operand, not int")]
    [InlineData("{% for x in n %}{% endfor %}", "'int' object is not iterable")]
    [InlineData("{{ n() }}", "'int' object is not callable")]
    [InlineData("{{ {[1]: 2} }}", "unhashable type: 'list'")]
    [InlineData("{{ [].pop() }}", "pop from empty list")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "macro 'm' takes not more than 1 argument(s)")]
    public void What_Python_refuses_by_type_or_arithmetic_is_a_runtime_failure(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateRuntimeException>(() => Rendering.Render(template)).Message);

    [Theory]
    [InlineData("{{ l[::0] }}")]
    [InlineData("{{ s.index('q') }}")]
    [InlineData("{{ '{'.format() }}")]
    [InlineData("{{ 'x'|format('%d') }}")]
    [InlineData("{{ 'x'.split('') }}")]
    public void What_Python_refuses_by_value_is_a_failure_of_the_template(string template) => Assert.Throws<TemplateException>(() => Rendering.Render(template));

    [Theory]
    [InlineData("{{ 5 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 9 is divisibleby(2) }}", "TrueTrueTrueFalse")]
    [InlineData("{{ n is number }}{{ f is float }}{{ n is integer }}{{ t is integer }}{{ t is boolean }}{{ s is string }}{{ z is none }}", "TrueTrueTrueFalseTrueTrueTrue")]
    [InlineData("{{ d is mapping }}{{ l is sequence }}{{ n is iterable }}{{ s.upper is callable }}{{ n is callable }}", "TrueTrueFalseTrueFalse")]
    [InlineData("{{ 'a' is in 'abc' }}{{ n is eq 5 }}{{ n is gt 3 }}{{ n is not ne 5 }}{{ 'abc' is lower }}{{ 'upper' is filter }}{{ h|e is escaped }}", "TrueTrueTrueTrueTrueTrueTrue")]
    public void Tests_tell_what_a_value_is(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Fact]
    public void Values_are_copies()
    {
        const string template = "{{ l.append(9) }}{{ l }}";

        Assert.Equal("None[3, 1, 2, 9]", Rendering.Render(template));
        Assert.Equal("None[3, 1, 2, 9]", Rendering.Render(template));
    }
}
