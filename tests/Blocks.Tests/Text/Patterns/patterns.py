"""Writes the results of Python's re that PatternTableTests and CharacterTableTests compare with:

    python3.13 patterns.py

patterns.jsonl holds one line for each pattern and text: what finditer finds (the texts of all groups, null for one that took no
part), or the message with which re.compile refuses the pattern. Flags: i is re.IGNORECASE (the block's case_sensitive false), s is
re.DOTALL (the block's dot_all).

characters.json holds which code points \\w, \\d and \\s match, which letters (?i) takes for one another, and which code points the
Unicode version of this Python has not assigned.
"""
import json
import pathlib
import re
import sys
import unicodedata
import warnings

assert sys.version_info[:2] == (3, 13), "the contract's reference runs on Python 3.13"
warnings.simplefilter("ignore")  # Possible nested set and the like: allowed with a warning.
HERE = pathlib.Path(__file__).parent

GRIN, FACE, FAMILY = "\U0001F600", "\U0001F642", "\U0001F468\u200D\U0001F469\u200D\U0001F467"
DESERET, DESERET_SMALL, GOTHIC, EXT_B = "\U00010400", "\U00010428", "\U00010330", "\U00020000"

ROWS = []


def rows(kind, *cases):
    for pattern, text, *flags in cases:
        ROWS.append((kind, pattern, text, flags[0] if flags else "s"))


rows("code points",
     (".", GRIN), ("^.{3}", f"ab{FACE}cd"), (".{2}", f"{GRIN}{FACE}{GRIN}"), ("^.$", GRIN), ("^..$", GRIN), ("", GRIN), ("x*", f"a{GRIN}b"),
     (".?", f"{GRIN}a"), (".??", f"{GRIN}a"), ("[^a]", f"a{GRIN}b"), ("[^a]+", f"aa{GRIN}\u00e9b"), (f"[^{GRIN}]", f"{GRIN}{FACE}"),
     (f"[{GRIN}{FACE}]", f"a{FACE}b{GRIN}"), (f"[{GRIN}-{FACE}]+", f"{GRIN}\U0001F610{FACE}\U0001F643"), (f"[^{GRIN}-{FACE}]+", f"{GRIN}\U0001F643a"),
     (f"[a-{GRIN}]+", f"A\uffff{GRIN}{FACE}"), (f"{GRIN}+", f"{GRIN}{GRIN}a{GRIN}"), (f"{GRIN}{{2}}", GRIN * 5), (f"({GRIN})\\1", GRIN * 3),
     (f"(?<={GRIN}).", f"{GRIN}ab"), (f"(?<=.){GRIN}", f"{GRIN}{GRIN}"), ("(?<!.)", GRIN), (f"(?<!{GRIN})a", f"{GRIN}a{FACE}a"),
     ("(?<=^.)b", f"{GRIN}b"), (".(?=a)", f"{GRIN}a"), ("(?!a)", GRIN), ("\\B", f"{GRIN}{GRIN}"), ("\\b", f"{EXT_B}a{GRIN}"),
     ("\\w+", f"{EXT_B}{GOTHIC}{GRIN}\U0001D7D9"), ("\\W+", f"a{GRIN}{FAMILY}b"), ("\\W", f"{GRIN}{EXT_B}"), ("\\d+", "\U0001D7D9\U0001D7DA1"),
     ("\\D", f"1{GRIN}"), ("\\S", f"{GRIN} {FACE}"), ("\\S+", f"{GRIN}{FACE} a"), ("[\\W]", f"a{GRIN}"), ("[^\\w]", f"{GRIN}a"),
     ("[^\\W]", f"{EXT_B}{GRIN}"), ("[\\s\\S]", GRIN), ("(.)(.)", f"{GRIN}{FACE}"), ("(.*)(.)", f"a{GRIN}"), ("(.*?)(.)", f"{GRIN}a"),
     (".+?", f"{GRIN}{FACE}"), ("(?:.)*", f"{GRIN}{FACE}"), ("(?>.)", GRIN), (".++", f"{GRIN}{FACE}"), (f"{GRIN}|{FACE}", f"{FACE}{GRIN}"),
     (f"a{GRIN}?b", f"ab a{GRIN}b"), ("\\U0001F600", GRIN), ("[\\U0001F600-\\U0001F64F]", f"{GRIN}\U0001F650"), ("\\ud83d\\ude00", GRIN),
     ("\\ud83d", GRIN), ("[\\ud800-\\udfff]", GRIN), ("[^\\ud83d]", GRIN), ("\\\U0001F600", GRIN), (f"[\\{GRIN}]", GRIN),
     ("^.{4}$", f"e\u0301{GRIN}\u200d"), (".$", f"a{GRIN}\n"), ("(?m)^.$", f"{GRIN}\nab\n{FACE}"), (f"(?P<g>{GRIN})(?P=g)", GRIN * 2),
     ("[\ufe0f\U0001F3FB-\U0001F3FF]", "\U0001F44D\U0001F3FD\ufe0f"))

rows("words, digits, white space",
     ("\\w+", "cafe\u0301 x"), ("\\w+", "\u00bd \u2167"), ("\\w+", "a_b-c1"), ("\\w+", "\u0915\u093f x"), ("\\w+", "\u0e19\u0e49\u0e33"),
     ("\\w+", "\u2460\u00b2\u2082 \u3007\u4e00\u3220"), ("\\w", "\u203f\u2040\ufe33_"), ("\\w", "\u00aa\u02b0\u00ba"), ("\\w", "\u24b6\U0001F130"),
     ("\\w", "\u200d\u200c"), ("\\W", "\u0301\u20dd\u0903"), ("\\w+", "na\u00efve \u0416\u0443\u043a \u05d0\u05d1"), ("\\d+", "1\u0663\u0967\uff15"),
     ("\\d", "\u00b2\u00bd\u2460\u2167"), ("\\D", "\u00b2\u0661"), ("\\s", " \t\n\r\f\v\u001c\u001d\u001e\u001f"),
     ("\\s", "\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"), ("\\s", "\u200b\u2060\ufeff\u180e"), ("\\S", "\u200b\u0085"),
     ("\\b\\w", "e\u0301a"), ("\\bfoo\\b", "foo\u00e9 foo"), ("\\b", "\u00bd"), ("\\B", ""), ("\\b", ""), ("\\B", "a"), ("\\B", " "), ("\\b", "a b"),
     ("\\B", "a b"), ("(?a)\\w+", "\u00e9a"), ("(?a)\\W", "\u00e9a"), ("(?a)\\d+", "\u06611"), ("(?a)\\s", "\u00a0 \u001c\u0085"),
     ("(?a)\\b", "\u00e9a"), ("(?a)\\B", "\u00e9a"), ("(?a)[\\w]", "\u00e9a"), ("(?a)[^\\W]", "\u00e9a"), ("(?a:\\w)\\w", "a\u00e9 \u00e9a"),
     ("(?a)\\w(?u:\\w)", "\u00e9a a\u00e9"), ("(?u)\\w", "\u00e9"), ("(?a)\\S", "\u00a0"), ("(?a)[\\D]", "\u0661"), ("[\\w-]+", "a-\u0301b"),
     ("[^\\w\\s]", "a \u0301"), ("[\\d\\-x]+", "1-x2"), ("[\\s\\d]+", "1 \u00a02"))

rows("ignoring case",
     ("(?i)\u03b1\u03c2", "\u0391\u03a3"), ("\u03c3", "\u03a3\u03c2\u03c3", "i"), ("\u03c2", "\u03a3\u03c2\u03c3", "i"),
     ("\u03a3", "\u03a3\u03c2\u03c3", "i"), ("[\u03c3]", "\u03a3\u03c2", "i"), ("[^\u03c3]", "\u03a3\u03c2a", "i"), ("s", "S\u017f", "i"),
     ("\u017f", "sS", "i"), ("[a-z]", "\u017f\u212a\u0130\u0131", "i"), ("[A-Z]", "\u017f\u212a\u0130\u0131", "i"), ("k", "K\u212a", "i"),
     ("\u212a", "kK", "i"), ("\u00e5", "\u212b\u00c5", "i"), ("\u03c9", "\u2126\u03a9", "i"), ("\u00b5", "\u03bc\u039c\u00b5", "i"),
     ("\u03bc", "\u00b5", "i"), ("i", "I\u0130\u0131", "i"), ("I", "i\u0130\u0131", "i"), ("\u0130", "iI\u0131\u0130", "i"),
     ("\u0131", "iI\u0130\u0131", "i"), ("\u00df", "\u1e9e\u00dfSSss", "i"), ("\u1e9e", "\u00df", "i"), ("ss", "\u00df", "i"),
     ("\ufb05", "\ufb06", "i"), ("\ufb06", "\ufb05st", "i"), ("\ufb01", "FIfi\ufb01", "i"), ("\u01c6", "\u01c4\u01c5\u01c6", "i"),
     ("\u01c5", "\u01c4\u01c6", "i"), ("[\u01c4-\u01c6]", "\u01c5", "i"), ("\u0390", "\u1fd3", "i"), ("\u03b0", "\u1fe3", "i"),
     ("\u0345", "\u03b9\u1fbe\u0399", "i"), ("\u03b9", "\u0345\u1fbe", "i"), ("\u03b2", "\u03d0\u0392", "i"), ("\u03b8", "\u03d1\u03f4\u0398", "i"),
     ("\u03f4", "\u03b8\u03d1", "i"), ("\u1e61", "\u1e9b\u1e60", "i"), ("\u0432", "\u1c80\u0412", "i"), ("\ua64b", "\u1c88\ua64a", "i"),
     ("\u13a0", "\uab70\u13a0", "i"), ("\uab70", "\u13a0", "i"), ("\u10d0", "\u1c90", "i"), ("\u10a0", "\u2d00", "i"), ("\u24d0", "\u24b6", "i"),
     ("\uff41", "\uff21", "i"), ("\u00e9", "E\u0301\u00c9", "i"), ("[^a]", "A\u00c1b", "i"), ("[^A-Z]", "az1", "i"),
     ("[\u00e0-\u00ff]+", "\u00c0\u00df\u0178\u00d7\u00f7", "i"), (DESERET, DESERET_SMALL, "i"), (DESERET_SMALL, DESERET, "i"),
     (f"[{DESERET}-\U00010427]+", f"{DESERET}{DESERET_SMALL}", "i"), (f"[{DESERET_SMALL}x]", f"{DESERET}X", "i"),
     (f"[{DESERET}x]", f"{DESERET}{DESERET_SMALL}X", "i"), (f"[^{DESERET_SMALL}x]", f"{DESERET}{DESERET_SMALL}X", "i"),
     (f"(?ai){DESERET}", f"{DESERET}{DESERET_SMALL}"), ("(?i)(\u03c3)\\1", "\u03a3\u03c3 \u03c3\u03c2"), ("(?i)(k)\\1", "K\u212a k\u212a"),
     ("(?i)(.)\\1", f"{DESERET}{DESERET_SMALL}"), ("(?i)(a)\\1", "aA"), ("(a)(?i:\\1)", "aA"), ("(?i)(a)(?-i:\\1)", "aA aa"),
     ("(?ai)(\u00e9)\\1", "\u00e9\u00c9 \u00e9\u00e9"), ("(?i)(?P<n>\u00df)(?P=n)", "\u00df\u1e9e"), ("(?ai)k", "K\u212a"),
     ("(?ai)\u00e9", "\u00c9\u00e9"), ("(?ai)[a-z]+", "aK\u212a\u017f"), ("(?a)(?i:\u03c3)", "\u03a3\u03c3"),
     ("(?ai)[\u00e0-\u00ff]", "\u00c9\u00e9"), ("(?i:ab)c", "ABc ABC"), ("(?i:a(?-i:b))c", "Abc ABc"), ("(?-i:a)b", "aB AB", "i"),
     ("(?i)[\\W\\d]", "a1-"), ("(?i)[^\\w]", "A-"), ("\u01f0", "J\u030c\u01f0", "i"), ("\u0149", "\u0149N", "i"), ("\u1f80", "\u1f88\u1f80", "i"),
     ("\u1fb3", "\u1fbc", "i"), ("1", "1\u0661", "i"), (GRIN, GRIN, "i"), ("[\u2160-\u216f]", "\u2170", "i"),
     ("strasse", "STRA\u00dfE stra\u017fse", "i"))

rows("places and lines",
     ("a$", "a\n"), ("a$", "a\n\n"), ("a$", "a\r\n"), ("$", "a\n"), ("^", "a\nb"), ("(?m)^", "a\nb\n"), ("(?m)$", "a\nb\n"),
     ("(?m)^.*$", "a\r\nb\u2028c\u0085d", ""), ("(?m)^b", "a\rb"), ("a\\Z", "a\n"), ("a\\Z", "ba"), ("\\Aa", "ba"), ("(?m)\\Aa", "a\na"),
     ("(?m)a\\Z", "a\na"), (".", "\n\r\u2028\u0085", ""), (".", "\n\r", "s"), ("(?-s:.)", "\n\r"), ("(?s:.)", "\n", ""), ("(?s)a.b", "a\nb", ""),
     (".+", "a\nb", ""), (".*", "a\nb", ""), ("[^a]", "\n", ""), ("\\N", "x"), ("(?m)^$", "\n\n"), ("(?m)$\\n^", "a\nb"), ("^^a$$", "a"),
     ("(?m:^)a", "b\na"), ("(?m)(?-m:^)a", "a\na"))

rows("groups",
     ("(?P<year>\\d+)-(\\d+)", "2024-05"), ("(a)|(b)", "ab"), ("(a)?b", "b"), ("((a)|(b))*", "ab"), ("((a)|(b))*", "ba"),
     ("(a|ab)(c|bcd)(d*)", "abcd"), ("(\\w)(?P<x>\\w)(?P=x)\\1", "abba"), ("(a)(?P<n>b)?(?(n)c|d)", "ad abc"), ("(a)?(?(1)b|c)", "ab c"),
     ("(?:(a)|b)(?(1)x|y)", "ax by ay"), ("(a)?(?(1)b)", "abc"), ("(?(1)a|b)(c)", "bc ac"), ("(a(?(1)b|c))*", "acab"),
     ("(<)?\\w+(?(1)>|$)", "<a> b <c"), ("(?(001)a|b)(c)", "bc"), ("()", "ab"), ("(a*)*", "aab"), ("(a*)+", "aab"), ("(a|b)*?c", "abc"),
     ("(?:(a)|(b)|c)*", "abc"), ("(?:(a)|b)*", "ab"), ("(?=(a))a", "a"), ("(?!(a))b", "b"), ("(?=(a)(b)?)", "ac"), ("(?<=(a))b", "ab"),
     ("(a)(?<=\\1)b", "ab"), ("(?P<\u00e9t\u00e9>a)(?P=\u00e9t\u00e9)", "aa"), ("(?P<_1>a)", "a"), ("(?P<\U00010330>a)", "a"),
     ("(?P<a\u00b7>a)", "a"), ("(?#comment)a", "a"), ("a(?#c)*", "aaa"), ("(?#)", "a"), ("(?:)", "a"), ("(?:a|b)+", "abc"), ("(?>a|ab)c", "abc ac"),
     ("(?>a*)a", "aaa"), ("(?>a+)b", "aab"), ("((?>a+)b)+", "aabab"), ("(.)\\1", "aab"), ("(.)(.)\\2\\1", "abba"), ("\\141", "a"), ("\\0", "\0"),
     ("\\01", "\1"), ("\\0011", "\u00011"), ("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "abcdefghijj"), ("(a)\\1", "aa"), ("(a)\\101", "aA"),
     ("(a)\\18", ""), ("(a|b)\\1+", "aabbb"), ("(a\\Z|b)", "ba"), ("|a", "a"), ("a|", "ba"), ("(?:a||b)c", "ac c bc"), ("(|a)+", "aa"),
     ("(?i)(?s)(?m)A.", "a\n"))

rows("repetitions",
     ("a{,2}b", "aaab"), ("a{2}", "aaaaa"), ("a{2,}", "aaaa"), ("a{1,2}?", "aaa"), ("a{,}", "aa"), ("x{}", "x{}"), ("x{1}{", "x{"), ("x{a}", "x{a}"),
     ("x{1,a}", "x{1,a}"), ("x{ 1}", "x{ 1}"), ("{", "{"), ("{1", "{1"), ("}", "}"), ("a{0}b", "ab"), ("a{0,0}?b", "ab"), ("(a){0}b", "ab"),
     ("a{3,3}", "aaaa"), ("a{02}", "aa"), ("a++b", "aab"), ("a++ab", "aaab"), ("a*+a", "aa"), ("a?+a", "a"), ("a{1,2}+a", "aa aaa"),
     ("(?:a|ab)++c", "abc"), ("(?:a|ab){2}+", "aba"), ("(?:ab?)++b", "abb"), ("(?:a*)++", "aa"), ("(?:a?b??)*+", "ab"), ("(ab)++", "ababa"),
     ("a+?", "aa"), ("a*?", "aa"), ("a??b", "ab"), ("(?:a+)+b", "aaab"), ("(?:a*)*", "b"), ("(?:a?)*?b", "aab"), ("(?:a?){3}", "aa"),
     ("(?:|a)*", "aa"), ("(?:a|)*", "aa"), ("(?:a?b?)*?c", "abac"), ("(?:(?:a)*)*b", "aab"), ("(?:^a)*", "aa"), ("(?=a)*", "a"), ("(?=a){2}a", "a"),
     ("(?!a)?b", "ab"), ("(?:\\b)*a", "a"), ("(?:x|(?:a|b){2})+", "abxba"), ("[ab]??", "abC"), ("a*", "aab"), ("b??|a", "ab"), ("x*", "ab"),
     ("\\b|a", "a a"), ("(?<=a)|b", "aab"), ("a*?$", "aa"), ("(?:a{2}){2}", "aaaaa"), (".*?b", "aabab"), (".*b", "aabab"), (".*b", "a\nb\nab", ""),
     ("\\w+@\\w+", "a@b c d@e"), ("\\s*x", "  y  x"), ("[^,]*,", "a,b,"))

rows("sets",
     ("[[a]+", "[a["), ("[]a]+", "]a"), ("[^]a]+", "]bc"), ("[a-c-[b]+", "-[b"), ("[a-]+", "a-b"), ("[-a]+", "-a"), ("[a\\-c]+", "abc-"),
     ("[\\x5d\\b]+", "]\b"), ("[\\]]", "]"), ("[\\\\]", "\\"), ("[.*+?$(){}|^]+", ".*+?$(){}|^"), ("[a^]+", "^a"), ("[\\w\\-z]", "-"),
     ("[\\101-\\103]+", "ABCD"), ("[\\x41-\\u0043]+", "ABCD"), ("[\\a\\f\\n\\r\\t\\v]", "\a\f\n\r\t\v"), ("[[:alpha:]]", "a]:]"), ("[a&&b]+", "a&b"),
     ("[a--b]", "a"), ("[a||b]+", "a|b"), ("[~~]", "~"), ("[^\\n]", "\na"), ("[^^]", "^a"), ("[\\d-]", "1-"), ("[\\0]", "\0"), ("[\\07]", "\a"),
     ("[aa]", "a"), ("[a-a]", "a"), ("[\u00e9-\u00eb]+", "\u00e9\u00ea\u00eb\u00ec"), ("[\\D\\d]", "a1"), ("[^\\D]", "a1"), ("[#-%]", "$"),
     ("[ -~]+", "a b\u00e9"))

rows("escapes",
     ("\\_\\-\\ \\#", "_- #"), ("\\x41\\u0042\\U00000043\\103", "ABCC"), ("\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v"), ("\\\\", "\\"), ("\\.\\*", ".*"),
     ("\\\u00e9", "\u00e9"), ("\\xe9", "\u00e9"), ("\\377", "\u00ff"), ("\\/", "/"), ("\\'\\\"", "'\""), ("\\@", "@"), ("\\\n", "\n"))

rows("verbose and flags",
     ("(?x) a b # c\n d", "abd"), ("(?x)a\\ b", "a b"), ("(?x)[ a]+", " a"), ("(?x)a +", "aaa"), ("(?x)a\n # c\n*", "aa"), ("(?x)a#", "a#"),
     ("(?x)\\#", "#"), ("(?x: a b)c ", "abc "), ("(?x)(?-x: a)", " a"), ("(?x) (?i) A", "a"), ("(?x)a|# c\n b", "ab"), ("(?x)a\u00a0b", "a\u00a0b"),
     ("(?x)\u2028a", "\u2028a"), ("(?x)(?#c) a", "a"), ("(?ai)AB", "ab"), ("(?ii)a", "A"), ("(?im-s:^A.)", "\na\n"), ("(?s)(?i)A.", "a\n", ""),
     ("(?#c)(?i)A", "a"), ("(?u)(?u)a", "a"), ("(?i:A)", "a"), ("(?-i:A)", "aA", "i"), ("(?a:(?u:\\w))", "\u00e9"), ("(?is)a.", "A\n", ""))

rows("looking around",
     ("(?<=a)b(?!c)", "abd"), ("(?<=ab|cd)e", "abe cde"), ("(?<![a-z])a", "ba a"), ("(?<=\\d{3})x", "123x 12x"), ("(?<=,)a", ",a"),
     ("(?<=(?:ab){2})c", "ababc"), ("(?<=(?=b)b)c", "bc"), ("(?<=a(?<=a))b", "ab"), ("(?<!^)a", "aa"), ("(?<=)a", "a"), ("(?<!)a", "a"),
     ("(?!)a", "a"), ("(?=)a", "a"), ("(?=a.*b)a", "acb ac"), ("(?!.*x)a", "ab"), ("^(?!\\s*$).+", "  x  "), ("(?<=(a)(?(1)b|c))d", "abd"),
     ("(?<=(?i:A))b", "ab"), ("(?<=\\n)a", "\na"), ("(?<=[^a])b", "ab cb"), ("(?<!a{2})b", "aab ab"), ("(?<=a(?#x))b", "ab"), ("(?<=\\b)a", "a"),
     (f"(?<={GRIN}.){FACE}", f"{GRIN}a{FACE}"))

rows("refused",
     ("(", ""), (")", ""), ("a)", ""), ("(a", ""), ("(?:a", ""), ("(?=a", ""), ("(?<=a", ""), ("(?>a", ""), ("(?P<n>a", ""), ("(?i:a", ""),
     ("(?", ""), ("(?P", ""), ("(?<", ""), ("(?#", ""), ("(?#a", ""), ("(?P<", ""), ("(?P<n", ""), ("(?P<>a)", ""), ("(?()\\", ""), ("(?P<1>a)", ""),
     ("(?P<a-b>a)", ""), (f"(?P<{GRIN}>a)", ""), ("(?P<\u00b7>a)", ""), ("(?P<a\u037a>a)", ""), ("(?P<'>a)", ""), ("(?P<n>a)(?P<n>b)", ""),
     ("(?P=n)", ""), ("(?P=n", ""), ("(?P=1)", ""), ("(?P>n)", ""), ("(?Px)", ""), ("(?<n>a)", ""), ("(?'n'a)", ""), ("(?y)", ""), ("(?|a|b)", ""),
     ("(?&n)", ""), ("(?R)", ""), ("(?0)", ""), (f"(?{GRIN})", ""), ("(?\\d)", ""), ("(?)", ""), ("*a", ""), ("+", ""), ("?", ""), ("a|*", ""),
     ("(*)", ""), ("^*", ""), ("$+", ""), ("\\b?", ""), ("\\A*", ""), ("(?i)*", ""), ("a**", ""), ("a+*", ""), ("a{2}{3}", ""), ("a???", ""),
     ("a+++", ""), ("a*{2}", ""), ("{1}", ""), ("(?#c)*", ""), (f"{GRIN}**", ""), ("a{2,1}", ""), ("a{99999999999}", ""), ("a{4294967295}", ""),
     ("a{1,4294967295}", ""), ("[", ""), ("[]", ""), ("[^]", ""), ("[a", ""), ("[a-", ""), ("[^a", ""), ("[z-a]", ""), (f"[{FACE}-{GRIN}]", ""),
     ("[\\d-z]", ""), ("[a-\\d]", ""), ("[\\w-\\d]", ""), ("[\\q]", ""), ("[\\8]", ""), ("[\\A]", ""), ("[\\B]", ""), ("[\\Z]", ""), ("[\\x4]", ""),
     ("[\\400]", ""), ("[\\N]", ""), ("[\\x42-\\x41]", ""), ("\\", ""), ("a\\", ""), ("\\q", ""), ("\\p{L}", ""), ("\\z", ""), ("\\G", ""),
     ("\\R", ""), ("\\X", ""), ("\\h", ""), ("\\K", ""), ("\\Q", ""), ("\\cA", ""), ("\\k<n>", ""), ("\\x", ""), ("\\x4", ""), ("\\xg0", ""),
     ("\\u123", ""), ("\\U0001F60", ""), ("\\U00110000", ""), ("\\400", ""), ("\\777", ""), ("\\1", ""), ("\\8", ""), ("\\99", ""), ("(a)\\2", ""),
     ("\\2(a)(b)", ""), ("(\\1)", ""), ("(?P<n>(?P=n))", ""), ("\\N", ""), ("\\Nx", ""), ("\\N{", ""), ("\\N{}", ""), ("\\N{x", ""), ("(?<=a+)", ""),
     ("(?<=a*)b", ""), ("(?<!a|bc)d", ""), ("(?<=a?)", ""), ("(?<=(a)\\1)b", ""), ("(?<=(?P<n>a)(?P=n))", ""), ("(?<=(a)(?(1)b|cd))e", ""),
     ("(a+)(?<=\\1)b", ""), ("(?<=a{4294967294}b{9})", ""), ("((?<=\\1)a)", ""), ("(?<=(?(2)a|b))(c)", ""), ("(?(1)a|b|c)(d)", ""), ("(?(1)a", ""),
     ("(?(n)a|b)", ""), ("(?(1)a)", ""), ("(?(0)a)", ""), ("(?()a)", ""), ("(?(", ""), ("(?(1", ""), ("(?(-1)a)", ""), ("(?(1x)a)", ""),
     ("(?(9999999999)a)", ""), ("(?(\u0661)a)", ""), ("a(?i)b", ""), ("a|(?i)b", ""), ("((?i)a)", ""), ("(?:(?i))", ""), ("(?au)a", ""),
     ("(?a)(?u)a", ""), ("(?L)a", ""), ("(?-a:a)", ""), ("(?-u:a)", ""), ("(?-L:a)", ""), ("(?i-i:a)", ""), ("(?i-", ""), ("(?i-)", ""),
     ("(?-i)", ""), ("(?-", ""), ("(?-:a)", ""), ("(?i", ""), ("(?ix", ""), ("(?it)", ""), ("(?i1)", ""), ("(?-it:a)", ""), ("(?i-s1:a)", ""),
     ("(?t)", ""), ("(?\u00e9)", ""), ("(?a-i", ""), ("a\n(", ""), ("a\n\nb**", ""), (f"{GRIN}\n[z-a]", ""), ("\n\\q", ""), ("(?x)a * ?", ""),
     ("(?x)( # (\n", ""))


def found(pattern, text, flags):
    options = (re.IGNORECASE if "i" in flags else 0) | (re.DOTALL if "s" in flags else 0)
    try:
        compiled = re.compile(pattern, options)
    except (re.PatternError, ValueError, OverflowError) as refusal:
        return {"refused": str(refusal)}
    return {"matches": [[match.group(g) for g in range(compiled.groups + 1)] for match in compiled.finditer(text)]}


def write_patterns():
    seen = set()
    with open(HERE / "patterns.jsonl", "w", encoding="ascii", newline="\n") as table:
        for kind, pattern, text, flags in ROWS:
            assert (pattern, text, flags) not in seen, (pattern, text, flags)
            seen.add((pattern, text, flags))
            table.write(json.dumps({"kind": kind, "pattern": pattern, "text": text, "flags": flags, **found(pattern, text, flags)}) + "\n")


def ranges(belongs):
    result = []
    for code in range(sys.maxunicode + 1):
        if not belongs(chr(code)):
            continue
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def same_letters():
    """Sets of code points each of which finds all others when case is ignored."""
    cased = [c for c in map(chr, range(sys.maxunicode + 1)) if c.lower() != c or c.upper() != c]
    text = "".join(cased)
    sets = {c: re.findall(c, text, re.IGNORECASE) for c in cased}
    assert all(sets[other] == members for members in sets.values() for other in members)
    return [[ord(c) for c in members] for c, members in sets.items() if members[0] == c]


def write_characters():
    matches = {name: re.compile(escape).match for name, escape in (("word", r"\w"), ("digit", r"\d"), ("space", r"\s"))}
    table = {"unicode": unicodedata.unidata_version, **{name: ranges(match) for name, match in matches.items()}}
    table["unassigned"] = ranges(lambda c: unicodedata.category(c) == "Cn")
    table["sameLetters"] = same_letters()
    with open(HERE / "characters.json", "w", encoding="ascii", newline="\n") as file:
        file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in table.items()) + "\n}\n")


write_patterns()
write_characters()
