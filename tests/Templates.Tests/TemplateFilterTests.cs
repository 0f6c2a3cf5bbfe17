namespace Grainflow.Templates.Tests;

public sealed class TemplateFilterTests
{
    [Theory]
    [InlineData("{{ \"hello wORLD (foo) x-y\"|title }}|{{ 'hELLO wO'|capitalize }}|{{ 'xxaxx'|trim('x') }}|{{ 5|upper }}", "Hello World (Foo) X-Y|Hello wo|a|5")]
    [InlineData("{{ s|replace('o', '0', 1) }} {{ 'ab'|replace('', '-') }} {{ 5|replace(5, 6) }}", "Hell0 World -a-b- 6")]
    [InlineData("{{ 'ab'|center(5) }}|{{ 'abc'|center(6) }}|{{ u|center(6) }}|", "  ab | abc  | 日本😀é |")]
    [InlineData("{{ words|truncate(10) }}|{{ words|truncate(10, true) }}|{{ words|truncate(10, leeway=0) }}|{{ s|truncate(7) }}", "the...|the qui...|the...|Hello World")]
    [InlineData("{{ m|indent }}|{{ m|indent(2, true) }}|{{ m|indent('> ', true, true) }}", "a\n    b\n\n    c|  a\n  b\n\n  c|> a\n> b\n> \n> c")]
    [InlineData("{{ words|wordwrap(10) }}", "the quick\nbrown fox,\njumps-over\nthe lazy\ndog")]
    [InlineData("{{ 'well-known a--b'|wordwrap(6) }}|{{ 'supercalifragilistic'|wordwrap(7, wrapstring='/') }}|{{ words|wordwrap(5, false) }}", "well-\nknown\na--b|superca/lifragi/listic|the\nquick\nbrown\nfox,\njumps-\nover\nthe\nlazy\ndog")]
    [InlineData("{{ words|wordcount }} {{ \"don't-stop me\"|wordcount }}", "9 4")]
    [InlineData("{{ 'a b/c?d=é&~'|urlencode }} {{ {'a b': 'c/d', 'x': 1}|urlencode }}", "a%20b/c%3Fd%3D%C3%A9%26~ a+b=c%2Fd&x=1")]
    [InlineData("{{ '<p>a &amp; <!-- x <b> -->  b</p> &lt;'|striptags }} {{ 'a < b'|striptags }}", "a & b < a < b")]
    [InlineData("{{ 1|filesizeformat }} {{ 999|filesizeformat }} {{ 123456789|filesizeformat }} {{ 1024|filesizeformat(true) }}", "1 Byte 999 Bytes 123.5 MB 1.0 KiB")]
    public void Text_filters(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{{ f|round }} {{ f|round(2) }} {{ f|round(1, 'ceil') }} {{ 2.5|round }} {{ 5|round }} {{ 2.675|round(2) }} {{ 25|round(-1) }}", "3.0 3.14 3.2 2.0 5 2.67 20")]
    [InlineData("{{ '7.9'|int }} {{ 'x'|int(3) }} {{ '0x1f'|int(0, 16) }} {{ -7.9|int }} {{ none|int }} {{ '1_000'|int }}", "7 3 31 -7 0 1000")]
    [InlineData("{{ 'x'|float(2.5) }} {{ '1e5'|float }} {{ l|float(none) }} {{ -5|abs }}", "2.5 100000.0 None 5")]
    [InlineData("{{ 3.14159|format('%.2f') }} {{ 5|format('%d') }} {{ '5'|format('%05.1f') }} {{ 5|format }}", "3.14 5 005.0 5")]
    public void Number_filters(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{{ l|join }} {{ l|join(', ') }} {{ users|join(',', attribute='name') }} {{ l|first }}{{ l|last }} {{ e|first }}", "312 3, 1, 2 Bo,al,Cy 32 ")]
    [InlineData("{{ ['b', 'A', 'c', 'a']|sort }} {{ ['b', 'A', 'c', 'a']|sort(case_sensitive=true) }}", "['A', 'a', 'b', 'c'] ['A', 'a', 'b', 'c']")]
    [InlineData("{{ users|sort(attribute='age,name')|map(attribute='name')|join(',') }} {{ users|sort(reverse=true, attribute='age')|map(attribute='name')|join(',') }}", "al,Bo,Cy Bo,Cy,al")]
    [InlineData("{{ [2, 1, 2, 'a', 'A']|unique|list }} {{ users|max(attribute='age') }} {{ l|min }} {{ e|max }}", "[2, 1, 'a'] {'name': 'Bo', 'age': 3, 'city': 'CA'} 1 ")]
    [InlineData("{{ l|sum }} {{ users|sum(attribute='age') }} {{ [[1], [2]]|sum(start=[]) }} {{ d|reverse|list }}", "6 8 [1, 2] ['a', 'b']")]
    [InlineData("{{ l|batch(2, 'x')|list }} {{ [1, 2, 3, 4, 5]|slice(3, 'x')|list }}", "[[3, 1], [2, 'x']] [[1, 2], [3, 4], [5, 'x']]")]
    [InlineData("{{ l|map('format', '%.1f')|list }} {{ users|map(attribute='zip', default='-')|list }} {{ ['a']|map('upper')|join }}", "['3.0', '1.0', '2.0'] ['-', '-', '-'] A")]
    [InlineData("{{ l|select('odd')|list }} {{ [0, 1]|reject|list }} {{ users|selectattr('age', 'eq', 3)|map(attribute='name')|list }} {{ users|rejectattr('age', 'gt', 2)|list|length }}", "[3, 1] [0] ['Bo', 'Cy'] 1")]
    [InlineData("{% for g, items in users|groupby('city') %}{{ g }}:{{ items|map(attribute='name')|join(',') }};{% endfor %}{% for g in users|groupby('age') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "CA:Bo,al;NY:Cy;2132")]
    [InlineData("{{ d|dictsort }} {{ d|dictsort(by='value', reverse=true) }} {{ d|items|list }}", "[('a', 1), ('b', 2)] [('b', 2), ('a', 1)] [('b', 2), ('a', 1)]")]
    [InlineData("{% set once = l|reverse %}{{ once|list }}{{ once|list }}", "[2, 1, 3][]")]
    public void List_filters(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{{ ' a b '.split(None, 1) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ 'a\nb\r\nc'.splitlines() }}{{ 'a=b=c'.rpartition('=') }}", "['a', 'b ']['a,b', 'c']['a', 'b', 'c']('a=b', '=', 'c')")]
    [InlineData("{{ s.startswith(('x', 'H')) }}{{ s.find('o', 5) }}{{ s.rfind('o') }}{{ s.count('l') }}{{ s.find('q') }}", "True773-1")]
    [InlineData("{{ 'ab'.ljust(4, '.') }}{{ '-5'.zfill(4) }}{{ \"they're\".title() }}{{ s.swapcase() }}{{ s.removeprefix('He') }}{{ 'a\tb'.expandtabs(4) }}", "ab..-005They'RehELLO wORLDllo Worlda   b")]
    [InlineData("{{ '{} {a[x]} {:>4}|{:*^5}|{:.2f}|{:,}|{!r}'.format(1, 'b', 'c', f, 1234567, 'q', a={'x': 2}) }}", "1 2    b|**c**|3.14|1,234,567|'q'")]
    [InlineData("{{ '%s %05d %+.1e %x %(a)s' % {'a': 1} if false else '%s %05d %+.1e %x%%' % ('a', 42, 12345.678, 255) }}", "a 00042 +1.2e+04 ff%")]
    [InlineData("{{ '%.0f %.0f %.10g' % (0.5, 1.5, 0.1) }}", "0 2 0.1")]
    public void Methods_of_texts(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));

    [Theory]
    [InlineData("{% set x = [1] %}{% for y in [x.insert(0, 9), x.extend([4]), x.reverse(), x.remove(1)] %}{% endfor %}{{ x }}{{ x.index(9) }}{{ x.pop(0) }}{{ x.count(9) }}", "[4, 9]141")]
    [InlineData("{% set x = {} %}{{ x.update({'a': 1}, b=2) }}{{ x.get('q', 7) }}{{ x.setdefault('c', 3) }}{{ x.pop('a') }}{{ x.keys() }}{{ x.popitem() }}{{ x }}", "None731dict_keys(['b', 'c'])('c', 3){'b': 2}")]
    public void Methods_of_lists_and_dicts(string template, string expected) => Assert.Equal(expected, Rendering.Render(template));
}
