#!/usr/bin/env python3
"""Writes what Jinja renders, for the tests of src/Templates. The tests read the file and need neither Python nor Jinja.

The environment is that of the reference: the sandbox, no global names, four filters removed, one replaced.
Needs jinja2 3.1. Run it again after a change here: python3 tables.py
"""
import json
import pathlib

from jinja2 import BaseLoader
from jinja2.sandbox import SandboxedEnvironment

HERE = pathlib.Path(__file__).parent

TEXTS = [
    "", "Hello World", "hELLO (wORLD) [x] {y} <z>", "they're bill's", "x-y--z", "straße", "ﬁn ﬂow", "ŉa ǰ ΐ", "ΟΔΟΣ", "ΑΣ ΣΟΦΟΣ. ΑΣ-Σ (ΑΣ)", "Σ", "ΑΣ'Α ΑΣ\u0301 Σ",
    "İstanbul ISTANBUL ıſ", "ǆ Ǆ ǅ ǆA", "ᾳ ᾼ ὈΔΥΣΣΕΎΣ", "ა ᲐᲑ", "Ꭰꭰ", "𐐀𐐨 𞤀𞤢-𐐨", "Ⅷ ⅷ Ⓐⓐ ªº", "٣ 123 ²½ 一", "日本 語", "a😀b 😀😀", "e\u0301 n\u0303o", "👩\u200d🚀 x",
    " \t a b\n", "\u00a0a\u2003b\u3000", "\x1ca\x1fb\x85c", "a\u2028b\x0bc\r\nd", "\u200bx\ufeff", "_x 1a", "ﾞ℘ ·", "it's \"q\"", "𝟘𝟙 x𝟚", "Ａｂ ＣＤ", "<b>&amp; ß</b>", "naïve café—test…ok",
]

NUMBERS = [
    "3", " 3 ", "3.9", "-3.9", "1e3", "1_000", "1__0", "٣", "-٣", "٣.٥", "３．５", "３.５", "१२", "²", "½", "一", "0x1f", "٠x١f", "inf", "-Infinity", "nan", "x", "", "\u00a05\u2003", "\x1c5", "5\x00", "0b11", "0o17", "ff", "z9", "９９",
]

# Rendered with each of the texts as t; the file has them once.
FOR_EACH_TEXT = {
    "forms": "{{ [t|upper, t|lower, t|title, t|capitalize, t.upper(), t.lower(), t.title(), t.capitalize(), t.swapcase(), t.casefold()] }}",
    "tests": (
        "{{ [t.isalpha(), t.isalnum(), t.isdecimal(), t.isdigit(), t.isnumeric(), t.isspace(), t.isascii(), t.isprintable(), t.isidentifier(), "
        "t.islower(), t.isupper(), t.istitle(), t is lower, t is upper] }}"
    ),
    "parts": (
        "{{ [t|length, t|first|default('-'), t|last|default('-'), t|reverse, t|list, t[0], t[-1], t[1:3], t[::-2], t[:-1], t|wordcount, t|trim, t.split(), t.rsplit(None, 1), "
        "t.split(None, 1), t.splitlines(), t.splitlines(true), t.strip('a\\U0001f600ß '), t.lstrip(), t.rstrip('\\U0001f601'), t.find('b'), t.rfind('\\U0001f600'), t.count(''), "
        "t.startswith('a\\U0001f600'), t.partition('b'), '\\U0001f600' in t, t|batch(3)|list, t|slice(2)|list] }}"
    ),
    "layout": (
        "{{ [t|center(9), t.center(8, '\\U0001f600'), t.ljust(6, 'é'), t.rjust(6), t.zfill(6), t|truncate(5, true, '…', 0), t|truncate(6, false, '..', 0), t|indent(2, true), t|indent('\u3000'), "
        "t|wordwrap(4), t|wordwrap(3, false), t|wordwrap(5, true, '/', false), t|replace('', '·', 3), t|replace('b', '😀'), t.expandtabs(4), t|striptags, t|urlencode, "
        "'%6s|%-6.2s|%.1s' % (t, t, t), '{:>6}|{:😀^7}|{:.2}|{!r}|{!a}'.format(t, t, t, t, t), '%a' % t] }}"
    ),
    "order": "{{ [t|list|sort, t|list|sort(true), t|list|sort(case_sensitive=true), t|list|unique|list, t|min, t|max, t|list|groupby(0)|map('first')|list, {t: 1, 'b': 2, '\\uffff': 3}|dictsort] }}",
    "read": "{{ [t|int, t|int(7), t|int(-1, 16), t|int(-1, 36), t|int(-1, 8), t|int(-1, 0), t|float, t|float(2.5)] }}",
}

VALUES = {
    "s": "Straße", "n": 5, "f": 2.5, "l": ["b", "A", "ß", "SS", "É", "e", "é", "Z", "z", "Σ", "ς", "😀", "\ue000"], "d": {"ß": 1, "ﬁ": 2, "a·": 3, "٣": 4, "Å": 5, "b": 6, "A": 7},
    "rows": [{"k": "SS", "v": [1, 2, 3, 4]}, {"k": "ß", "v": [5, 6, 7, 8]}, {"k": "ss", "v": [9, 0, 1, 2]}, {"k": "ΑΣ", "v": []}, {"k": "ας", "v": []}, {"k": "Ας", "v": []}],
    "grüße": "x", "数": 3, "e\u0301": 4, "ª": 5, "m": "one two three four five six seven", "h": "<a href='#'>ß & \"q\"</a>", "y": "yes", "none_value": None, "big": 10**30,
}

TEMPLATES = [
    # names and numbers of other scripts
    "{{ grüße }}{{ 数 + 1 }}{{ e\u0301 }}{{ ª }}", "{{ 1٣ }}", "{{ 1٣ + 0x٣ + 1_٣ }}", "{{ ٣ }}", "{{ ٣.٥ }}", "{{ 1٣.٥ }}", "{{ 1e٣ }}", "{{ 0٣ }}", "{{ x² }}", "{{ ²x }}", "{{ a·b }}", "{{ 1² }}", "{{ rows.٣ }}",
    "{{ d.ß }}{{ d.ﬁ }}{{ d['a·'] }}{{ d.a· }}{{ d['٣'] }}{{ d.Å }}", "{{ {'ß': 1}.ß }}", "{% set ﬁ = 1 %}{{ ﬁ }}", "{% macro größe(ß) %}{{ ß|upper }}{% endmacro %}{{ größe('ﬁ') }}",
    "{{ 1_000 }}{{ 0x_ff }}{{ 0b_1_1 }}{{ 0O17 }}{{ 00 }}{{ 0_0 }}", "{{ 1__0 }}", "{{ 0x }}", "{{ 1_ }}", "{{ 1e5 }}{{ 1E-3 }}{{ 1.5e+3 }}{{ 1_0.5_0e1_0 }}", "{{ 1._5 }}", "{{ 1.e5 }}", "{{ .5 }}", "{{ 5. }}", "{{ rows.0.v.1 }}", "{{ rows.0['v'].3 }}",
    # escapes in text literals
    "{{ '\\ß' }}{{ '\\😀' }}{{ '\\й' }}", "{{ '\\u00df\\xdf\\337\\U0001f600'|upper }}", "{{ '\\x1c\\x85'|trim|length }}", "{{ '\\q\\\\\\'\\\"' }}", "{{ 'ß' 'ﬁ' }}", "{{ '\\a\\b\\f\\v'|list }}", "{{ '\\400' }}", "{{ 'a\\\nb' }}", "{{ '\\x4' }}", "{{ '\\U00110000' }}",
    # attributes by text with digits of other scripts
    "{{ rows|map(attribute='v.٣')|first }}", "{{ rows|map(attribute='v.²')|first }}", "{{ rows|map(attribute='v.3')|first }}", "{{ rows[:3]|sum(attribute='v.١') }}", "{{ rows[:3]|sort(attribute='v.٠')|map(attribute='k')|list }}",
    # order and comparison
    "{{ l|sort }}", "{{ l|sort(case_sensitive=true) }}", "{{ l|sort(reverse=true) }}", "{{ l|unique|list }}", "{{ l|unique(true)|list }}", "{{ l|min }}{{ l|max }}", "{{ '😀' > '\\ue000' }}{{ '\\uffff' < '𐀀' }}", "{{ ['😀', '\\uffff', 'z']|sort }}",
    "{% for g in rows|groupby('k') %}{{ g.grouper }}={{ g.list|length }};{% endfor %}", "{% for k, v in rows|groupby('k', case_sensitive=true) %}{{ k }}={{ v|length }};{% endfor %}", "{{ rows|unique(attribute='k')|map(attribute='k')|list }}",
    "{{ d|dictsort }}", "{{ d|dictsort(true) }}", "{{ rows|sort(attribute='k')|map(attribute='k')|list }}", "{{ rows|max(attribute='k') == rows[3] }}", "{{ 'ß' == 'ss' }}{{ 'ß'|upper == 'SS' }}{{ 'ß'.casefold() == 'ss'.casefold() }}", "{{ 'É' in l }}{{ 'e\\u0301' in l }}",
    "{{ 'ß' in s }}{{ s.index('ß') }}{{ s.find('ße', -3) }}{{ s.rfind('ß', 0, 3) }}{{ s.count('ß') }}", "{{ 'ﬁ'|upper|length }}{{ 'ΐ'|upper|length }}{{ 'İ'|lower|length }}",
    # format
    "{{ '{٣}'.format(1, 2, 3, 4) }}", "{{ '{²}'.format(1, 2, 3) }}", "{{ '{0[١]}'.format(['a', 'b']) }}", "{{ '{:٥}|'.format(1) }}", "{{ '{:.٢f}'.format(1.239) }}", "{{ '{:²}'.format(1) }}", "{{ '%٥d' % 1 }}", "{{ '{ß}'.format(ß='x') }}",
    "{{ '{}{0}'.format(1) }}", "{{ '{0}{}'.format(1) }}", "{{ '{0}{1}{0}'.format('ß', 'ﬁ') }}", "{{ '{:05}|{:<05}|{:^5}'.format('ß', 'ß', 'ß') }}", "{{ '{:c}{:c}'.format(223, 128512) }}", "{{ '%c%c%c' % (223, '😀', 'ß') }}", "{{ '%c' % 'SS' }}",
    "{{ '%5s|%-5s|%.2s|%r|%a' % ('ß', '😀', 'ﬁ😀x', 'ß\\u200b', 'ß😀\\x7f') }}", "{{ '%s' % s }}{{ '%(ß)s' % {'ß': 1} }}", "{{ '{!a}{!r}{!s}'.format('ß', 'ß', 'ß') }}", "{{ '٣'|format('%.1f') }}", "{{ '３.５'|format('%d') }}", "{{ 'x'|format('%d') }}", "{{ ' ٣ '|filesizeformat }}",
    "{{ '{:ß>4}|{:😀<4}|{:=+5}|{:+,}|{:_}|{:x}|{:#x}|{:%}|{:e}|{:g}'.format(1, 2, 3, 1234567, 1234567, 255, 255, 0.5, 12345.678, 0.0001) }}",
    # methods and filters
    "{{ 'ß'.upper().lower() }}{{ 'ẞ'|lower }}{{ 'ẞ'.casefold() }}", "{{ ['ß', 'ﬁ', 'Σ']|map('upper')|join(',') }}", "{{ ['ΑΣ', 'İ']|map('lower')|list }}", "{{ ['ß', 'SS', 'x']|select('lower')|list }}", "{{ ['Ⅷ', 'ⅷ', 'ª']|map('upper')|list }}",
    "{{ l|map('capitalize')|list }}", "{{ l|map('title')|list }}", "{{ 'ß'|replace('ß', 'SS') }}", "{{ 'ﬁx'|capitalize }}{{ 'ǆx'|capitalize }}{{ 'ΣΑΣ'|capitalize }}{{ 'ΑΣ'|capitalize }}{{ 'ΑΣ'|title }}", "{{ 'ŉx'.title() }}{{ 'ᾳΑ'.title() }}{{ 'ᾳΑ'|title }}",
    "{{ 5|upper }}{{ none|upper }}{{ true|lower }}{{ 1.5|title }}{{ ['ß']|upper }}", "{% filter upper %}straße ﬁ {{ s }}{% endfilter %}", "{% set x | lower %}ΟΔΟΣ{% endset %}{{ x }}",
    "{{ 'a😀b'|reverse }}{{ 'a😀b'[1] }}{{ 'a😀b'[-2] }}{{ 'a😀b'[1:] }}{{ 'a😀b'|length }}{{ 'a😀b'.index('b') }}", "{{ '😀'.strip('😁') }}{{ '😀a😀'.strip('😀') }}{{ '😁😀'.lstrip('😁') }}", "{{ 'a\\u00a0b c'|wordwrap(3) }}", "{{ '日本語のテキスト'|wordwrap(3) }}",
    "{{ 'ab-cd ef--gh -x --y z- äö-üß 12-34 a-b-c ab-c'|wordwrap(1, false) }}", "{{ '😀😀-😀😀 well-known 𐐀𐐨-𐐀𐐨'|wordwrap(4) }}", "{{ 'aaaa bbbbbbbbbb  cc'|wordwrap(4) }}", "{{ 'a' * 3 ~ ' ' * 6 ~ 'b'|wordwrap(4) }}", "{{ ('a' * 3 ~ ' ' * 9 ~ 'b')|wordwrap(4) }}", "{{ 'x-------------y'|wordwrap(5) }}",
    "{{ m|wordwrap(7) }}", "{{ m|truncate(9) }}{{ m|truncate(9, true) }}", "{{ ('😀' * 20)|truncate(9, true, '…') }}", "{{ 'a\\u2028b\\x1cc'|indent(1) }}", "{{ 'é😀'|center(7) }}|", "{{ '-٣'.zfill(5) }}{{ '+😀'.zfill(5) }}",
    "{{ '½ ² Ⅷ _ é e\\u0301 日本 x٣'|wordcount }}", "{{ 'one\\u00a0two\\x1cthree'|wordcount }}", "{{ ' a\\x1cb\\x85c '.split() }}", "{{ 'aßbßc'.split('ß', 1) }}{{ 'a😀b😀c'.rsplit('😀', 1) }}", "{{ 'ß'.join(['a', 'b']) }}", "{{ 'straße'.endswith('ße') }}{{ 'a😀'.endswith('😀', 1) }}{{ 'a😀b'.startswith('b', 2) }}",
    "{{ 'ß ﬁ 😀/?&'|urlencode }}", "{{ {'ß': 'ﬁ', 'a b': '😀'}|urlencode }}", "{{ '<p>ß&nbsp;&eacute; &#x1F600; &#223;</p>'|striptags }}", "{{ 'a\\x1c<b>\\x85c'|striptags }}",
    # numbers
    "{{ '٣'|int + 1 }}{{ '٣.٩'|int }}{{ '３'|float }}{{ '1_0'|int }}{{ ' ٣ '|int }}{{ '²'|int(9) }}{{ 'Ⅷ'|int(9) }}", "{{ '٣' is number }}{{ '٣'|int is odd }}{{ '٣' == 3 }}", "{{ '٣' * 2 }}{{ '٣' + '٤' }}", "{{ '٣'|int is divisibleby('٣'|int) }}", "{{ '1e400'|float }}{{ '-1e400'|float }}{{ '1e400'|int(4) }}",
    "{{ 'nan'|float }}{{ 'NAN'|int(3) }}{{ 'ınf'|float(1.5) }}{{ 'İNF'|float(1.5) }}", "{{ '0x١F'|int(0, 16) }}{{ '٧٧'|int(0, 8) }}{{ '٨'|int(5, 8) }}{{ 'ｆｆ'|int(5, 16) }}", "{{ '9' * 30 }}{{ ('9' * 30)|int }}", "{{ '٣' % () }}",
    "{{ (2.5)|round }}{{ (0.125)|round(2) }}{{ 1.005|round(2) }}{{ big }}{{ big / 3 }}{{ big // 7 }}{{ -7 // 2 }}{{ -7 % 3 }}{{ 7.5 // 2 }}{{ 2 ** 0.5 }}",
    # escaping
    ("{{ s|upper }}{{ h|title }}{{ h|upper }}", True), ("{{ h|safe|upper }}{{ h|safe|title }}", True), ("{{ h|e|upper }}", True), ("{{ 'ß'|safe + '<' }}{{ ('ﬁ<'|safe)|capitalize }}", True), ("{{ ['<', 'ß']|join('&') }}", True), ("{{ '%s'|safe % '<ß' }}{{ '{}'|safe }}", True),
    ("{{ 'x'|safe|center(5) }}|{{ 'a<b'|center(7) }}|{{ '<'|indent }}{{ 'a < b'|wordwrap(2) }}{{ '<b>'|truncate(2, true, '<', 0) }}", True), ("{{ h|forceescape }}{{ h|string }}{{ h|striptags }}{{ h|length }}{{ h|safe|first }}{{ h|first }}{{ h|list|first }}", True),
    ("{{ ['<']|string }}{{ '<'|list }}{{ {'<': '>'} }}{{ '<' ~ '>' }}{{ '<'|replace('<', '>') }}{{ '<'|replace('<', '>'|safe) }}", True),
    # what prints
    "{{ l }}", "{{ d }}", "{{ ['\\u200b', '\\x7f', '\\xad', '\\u2028', '\\ue000', '\\U000e0001', '\\u0378', \"'\", '\"', '\\n'] }}", "{{ (1, 'ß', none, true, 1.0, [2], {'k': ()}) }}", "{{ {'ß': {'ﬁ': ['😀']}} }}", "{{ s ~ 1.0 ~ none ~ ['ß'] }}", "{{ n }}{{ f }}{{ none_value }}{{ y }}{{ undefined_name }}|{{ undefined_name is defined }}",
    # white space around tags
    "a\u00a0 {%- if true -%}\u2003 b \x1c{%- endif -%}\x85 c", "{{\u00a0s\u3000}}", "a \x0b{{- s -}}\u2028 b", "x\u200b{{- s }}", "{#- \u00a0 -#}\u00a0y",
    # more of the language
    ("{{ h|safe|last }}{{ h|safe|reverse }}{{ (h|safe)[0] }}{% for c in h|safe %}{{ c }}{% endfor %}{{ h|safe|list|last }}{{ h|safe|join }}", True),
    "{{ l[1:3] }}{{ l[-2:] }}{{ l[::-3] }}{{ l[5:1:-2] }}{{ 'abc'[10:] }}{{ (1, 2, 3)[:2] }}", "{{ 1 if false }}|{{ 'a' if n > 3 else 'b' }}", "{{ not n and 1 or 'x' }}{{ n and 0 }}{{ none or [] }}",
    "{% for i in l %}{{ loop.index }}{{ loop.last }}{{ loop.cycle('a', 'b') }}{% if loop.first %}F{% endif %}{% else %}none{% endfor %}", "{% for i in [] %}x{% else %}none{% endfor %}", "{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}",
    "{% for x in [3, 1, 2]|sort if x > 1 %}{{ loop.revindex }}{{ x }}{% endfor %}", "{% for a in [[1, [2, 3]], [4]] recursive %}{% if a is iterable %}[{{ loop(a) }}]{% else %}{{ a }}{{ loop.depth0 }}{% endif %}{% endfor %}",
    "{% macro m(a, b='x', *c) %}{% endmacro %}", "{% macro m(a, b=1) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{{ caller is defined }}{% endmacro %}{{ m() }}|{{ m(1, 2, 3, z=4) }}", "{% macro m() %}{{ caller('ß') }}{% endmacro %}{% call(x) m() %}<{{ x|upper }}>{% endcall %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "{% set ns.x = 1 %}", "{% if n == 5 %}five{% elif n == 6 %}six{% else %}other{% endif %}", "{% raw %}{{ n }}{% endraw %}{# c #}",
    "{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% do l.append(1) %}", "{% break %}", "{% trans %}x{% endtrans %}", "{{ range(3)|list }}", "{{ dict(a=1) }}", "{{ lipsum() }}", "{{ namespace(a=1).a }}", "{{ cycler('a').next() }}", "{{ joiner()() }}",
    "{{ ''.__class__ }}|{{ ''.__class__.__mro__ }}", "{{ l.__len__() }}", "{{ 'x'|attr('__class__') }}|", "{{ '{0.__class__}'.format(1) }}|", "{{ '{0[0]}{1[k]}'.format([7], {'k': 8}) }}", "{{ ''.format_map({}) }}{{ '{a}'.format_map({'a': 1}) }}",
    "{{ undefined_name.x }}", "{{ undefined_name + 1 }}", "{{ undefined_name|upper }}|{{ undefined_name|length }}|{{ undefined_name|list }}", "{{ undefined_name == undefined_name2 }}{{ undefined_name is none }}{{ undefined_name|default('d') }}{{ ''|default('d', true) }}", "{{ d.missing }}|{{ d['missing'] }}|{{ d.missing is undefined }}",
    "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ 'a' < 1 }}", "{{ l + [1] }}{{ [1] * 2 }}{{ (1,) + (2,) }}{{ 'a' * -1 }}", "{{ 1 + true }}{{ true + true }}{{ true == 1 }}{{ 1 == 1.0 }}{{ 'a' != 'b' }}", "{{ 7 % 4.5 }}{{ -7.5 % 2 }}{{ 7 // 0.3 }}{{ 2 ** 10 }}{{ 2 ** -1 }}{{ 0.1 + 0.2 }}{{ 1e16 }}{{ 1e-5 }}{{ 1e22 }}{{ 123456789012345678 * 10 }}",
    "{{ 2 ** 3 ** 2 }}{{ -2 ** 2 }}{{ not true == false }}", "{{ 1 < 2 < 3 }}{{ 3 > 2 > 2 }}{{ 1 in [1] in [[1]] }}", "{{ [1, 2] < [1, 3] }}{{ 'b' > 'a' }}{{ (1, 2) == (1, 2) }}{{ {'a': 1} == {'a': 1.0} }}{{ [1] == (1,) }}", "{{ 'a' ~ 1 ~ none ~ true }}", "{{ n is divisibleby 5 }}{{ n is odd }}{{ n is sameas 5 }}{{ n is number }}{{ n is string }}{{ n is mapping }}{{ d is mapping }}{{ l is sequence }}{{ 'a' is in 'abc' }}{{ n is not none }}",
    "{{ n is eq 5 }}{{ n is gt(4) }}{{ n is lessthan 6 }}{{ n is callable }}{{ 'upper' is filter }}{{ 'odd' is test }}{{ 'x' is escaped }}{{ n is integer }}{{ f is float }}{{ true is boolean }}{{ true is integer }}{{ true is true }}{{ 1 is true }}",
    "{{ [1, 2, 3]|sum }}{{ rows|sum(attribute='v') }}", "{{ [1, 2, 3, 4, 5]|batch(2)|list }}{{ [1, 2, 3, 4, 5]|batch(2, 'x')|list }}{{ [1, 2, 3, 4, 5]|slice(2, 'x')|list }}{{ [1, 2]|slice(3)|list }}", "{{ [3, 1, 2]|sort|first }}{{ [3, 1, 2]|max }}{{ []|max }}|{{ []|first }}|{{ [none, 1]|select|list }}{{ [1, 2, 3, 4]|reject('odd')|list }}",
    "{{ rows|selectattr('k', 'eq', 'ß')|map(attribute='v')|list }}{{ rows|rejectattr('v')|map(attribute='k')|list }}", "{{ rows|map(attribute='x', default='-')|join }}{{ ['1', '2']|map('int')|sum }}{{ ['a']|map('replace', 'a', 'b')|list }}", "{{ ['b', 'a']|join(', ') }}{{ rows|join('-', attribute='k') }}{{ [1, none, 'x']|join }}", "{{ 1|abs }}{{ -1.5|abs }}{{ 'x'|abs }}",
    "{{ 42.55|round(1, 'floor') }}{{ 42.55|round(1, 'ceil') }}{{ 42|round }}{{ 42.5|round|int }}{{ 1234.5|round(-2) }}{{ -2.5|round }}{{ 1e300|round(2) }}", "{{ 1000|filesizeformat }}{{ 1500000|filesizeformat(true) }}{{ 1e30|filesizeformat }}{{ 0|filesizeformat }}{{ 1|filesizeformat }}",
    "{{ {'a': 1}|items|list }}{{ {'a': 1}|list }}{{ {'b': 1, 'a': 2}|dictsort(reverse=true) }}{{ {'b': 1, 'a': 2}|dictsort(by='value') }}", "{{ 'abc'|list|reverse|list }}{{ [1, 2]|reverse|list }}{{ {'a': 1}|reverse|list }}", "{{ 'x'|default }}{{ none|string|length }}{{ [1]|string }}", "{{ 'a'|nosuch }}", "{{ 'a' is nosuch }}", "{% if false %}{{ 'a'|nosuch }}{% endif %}ok",
    "{{ l.append(9) }}{{ l|length }}{{ l.pop() }}{{ l.index('ß') }}{{ l.count('A') }}", "{{ d.get('x', 1) }}{{ d.pop('b') }}{{ d.keys()|list }}{{ d.update({'q': 1}) }}{{ d|length }}{{ d.setdefault('z', 5) }}{{ d.copy() == d }}", "{{ 'a,b'.split(',') }}{{ 'a'.join('xyz') }}{{ 'abc'.replace('b', 'x') }}{{ 'a b'.title() }}{{ 'Ab'.swapcase() }}{{ 'x'.isdigit() }}{{ 'abc'.find('c') }}{{ 'abc'.index('z') }}",
    "{{ l.__class__ }}|{{ l.sort() }}{{ l }}", "{{ l.sort(reverse=true) }}{{ l }}", "{{ [3, 1].sort(key='x') }}",
    "{{ 'a<b c>d'|striptags }}{{ 'x <!-- y --> z'|striptags }}", "{{ 'é'|e }}{{ '\"\\'<>&'|e }}",
    "{{ '%d%%' % 5 }}{{ '%s %s' % ('a', 'b') }}{{ '%(a)s' % {'a': 1} }}{{ '%05.1f|%+d|%x|%o|%e|%g' % (3.14159, 5, 255, 8, 12345.678, 0.0001) }}", "{{ '%s' % l }}", "{{ '%s %s' % 'a' }}", "{{ '%d' % 'a' }}", "{{ '%*d|%-*d|' % (5, 1, 5, 1) }}", "{{ '%i%u%X%#x%#o' % (1, 2, 255, 255, 8) }}", "{{ '%.3s|%5.1s|%c' % ('abcdef', 'xyz', 65) }}", "{{ '%y' % 1 }}", "{{ '%' % 1 }}",
    "{{ '{:,}{:_}{:+}{:08.3f}{:>5}{:^5}{:<5}|{:b}{:o}{:X}{:n}'.format(1234567, 1234567, 5, 3.14159, 1, 2, 3, 5, 8, 255, 1000) }}", "{{ '{:.3}{:.0f}{:.2e}{:.1%}{:#.3g}'.format(3.14159, 2.5, 12345.6789, 0.256, 3.0) }}", "{{ '{{}}{}'.format(1) }}", "{{ '{'.format(1) }}", "{{ '}'.format(1) }}", "{{ '{:d}'.format('a') }}", "{{ '{:s}'.format(1) }}", "{{ '{:{}}'.format('a', 5) }}|", "{{ '{:z}'.format(1) }}", "{{ '{:010,}|{:=10}|{: }'.format(1234, -5, 5) }}",
    "{{ (1, 2)|list }}{{ (1,) }}{{ () }}{{ [] }}{{ {} }}{{ {1: 2, 'a': (1,)} }}", "{{ d.items() }}{{ d.keys() }}{{ d.values() }}", "{{ 1.0 }}{{ 100.0 }}{{ 1e100 }}{{ -0.0 }}{{ 1.10 }}{{ 5 / 2 }}{{ 4 / 2 }}{{ 1e15 }}{{ 123456789.123456789 }}", "{{ 'a\nb' }}{{ 'a\\nb' }}", "a\n{% if true %}\nb\n{% endif %}\nc\n", "a\n  {%- if true %}\n b\n {%- endif -%}\n c\n\n", "{% if true -%} x {%- endif %}", "{{ '{{' }}{{ \"}}\" }}{{ '%}' }}",
    "{{ [1, 2, 3][1] }}{{ [1, 2, 3].1 }}{{ {'a': {'b': 1}}.a.b }}{{ 'abc'.0 }}{{ [1][5] }}|", "{{ n(1) }}", "{{ (l|length)(1) }}", "{{ l|join(d=',') }}{{ n|default(value=1) }}", "{{ 'a'|replace('a') }}", "{{ 'a'|upper(1) }}", "{{ [[1, 2], [3, 4]]|map('first')|list }}{{ [[1, 2], [3, 4]]|map(attribute=1)|list }}{{ [{'a': {'b': 1}}]|map(attribute='a.b')|list }}",
    "{{ loop }}", "{% for x in [1] %}{{ loop.nope }}|{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{{ loop.changed(x) }}{% endfor %}", "{% filter indent(2) %}a\nb{% endfilter %}", "{% autoescape true %}{{ '<' }}{% endautoescape %}{{ '<' }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = (3, 4) %}{{ c }}{{ d }}", "{% set a = b = 1 %}", "{% for %}{% endfor %}", "{{ }}", "{% %}", "{{ 1 2 }}", "{{ a.b.c }}", "{{ 'a' if }}", "{{ [1, }}", "{{ {'a' 1} }}", "{% endif %}", "{{ 'unclosed }}", "{{ n", "{% if n %}", "{# open",
    "{{ n is }}", "{{ n | }}", "{{ -n }}{{ +n }}{{ - - n }}{{ -'a' }}", "{{ l|sort(attribute='x') }}", "{{ [1, 'a']|sort }}", "{{ [none, 1]|max }}", "{{ {[1]: 2} }}", "{{ [1]|unique|list }}{{ [[1], [1]]|unique|list }}", "{{ 5|length }}", "{{ 5|list }}", "{{ 5|join }}", "{{ 5|first }}", "{{ n.x }}|{{ n['x'] }}|{{ none.x }}|", "{{ none_value.x }}|{{ none_value|upper }}", "{{ 'a'|center }}|", "{{ 'a'|indent(first=true, width=3) }}", "{{ 'abcdefghij'|truncate(5) }}{{ 'abcdefghijklmno'|truncate(5) }}{{ 'ab'|truncate(1) }}",
    "{{ 'a b'|urlize }}", "{{ d|tojson }}", "{{ d|xmlattr }}", "{{ d|pprint }}",
]


# What is not as in Jinja, each with a template that shows it. src/Templates/README.md has the same list.
DIFFERENCES = [
    "{% block b %}{{ n }}{% endblock %}{{ self.b() }}",
    "{{ (-8) ** 0.5 }}",
    "{{ 'ß'.encode() }}",
    "{{ 'abc'.translate({97: 'b'}) }}",
    "{{ n.bit_length() }}",
    "{{ f.real }}",
    "{{ '\\N{LATIN SMALL LETTER SHARP S}' }}",
    "{{ '&check;'|striptags }}",
    "{{ '&lt'|striptags }}",
    "{{ '&#128;'|striptags }}",
    "{{ [1, 2, 3]|random is number }}",
    "{{ '\\ud83d\\ude00'|length }}",
    "{{ 2 ** 30000 > 0 }}",
    "{{ ('x' * 10000001)|length }}",
]


def numbered(value, format_string=None):
    """The reference's filter in the place of Jinja's."""
    return format_string % float(value) if format_string else value


def environment(escape):
    made = SandboxedEnvironment(loader=BaseLoader(), autoescape=escape)
    made.globals.clear()
    for name in ("pprint", "tojson", "urlize", "xmlattr"):
        del made.filters[name]
    made.filters["format"] = numbered
    return made


ENVIRONMENTS = {escape: environment(escape) for escape in (False, True)}


def answer(template, values, escape=False):
    try:
        return {"output": ENVIRONMENTS[escape].from_string(template).render(json.loads(json.dumps(values)))}
    except Exception as failure:
        return {"failure": type(failure).__name__}


def rows():
    jinja = environment(False)
    methods = {type(value).__name__: [name for name in dir(value) if not name.startswith("_")] for value in ("", 1, 1.5, [], (), {})}
    yield {"values": VALUES, "templates": FOR_EACH_TEXT, "filters": sorted(jinja.filters), "tests": sorted(jinja.tests), "methods": methods}
    for template in TEMPLATES:
        template, escape = (template, False) if isinstance(template, str) else template
        yield {"template": template, **({"escape": True} if escape else {}), **answer(template, VALUES, escape)}
    for template in DIFFERENCES:
        yield {"differs": True, "template": template, **answer(template, VALUES)}
    for name, template in FOR_EACH_TEXT.items():
        for text in NUMBERS if name == "read" else TEXTS:
            yield {"for": name, "text": text, **answer(template, {"t": text})}


(HERE / "jinja.jsonl").write_text("".join(json.dumps(made) + "\n" for made in rows()), encoding="ascii")
