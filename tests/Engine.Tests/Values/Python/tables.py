#!/usr/bin/env python3
"""Writes what Python's str, int and float answer, for the tests of src/Engine/Values. The tests read the files and need no Python.

Run it again with the Python of the reference when that changes: python3 tables.py
"""
import json
import pathlib
import platform
import unicodedata

HERE = pathlib.Path(__file__).parent
MADE_BY = f"Python {platform.python_version()}, Unicode {unicodedata.unidata_version}"

# The bits of characters.txt, lowest first.
PROPERTIES = [
    str.isspace,
    str.isalpha,
    str.isalnum,
    str.isdecimal,
    str.isdigit,
    str.isnumeric,
    str.isprintable,
    str.isidentifier,
    lambda c: ("a" + c).isidentifier(),
    str.islower,
    str.isupper,
    lambda c: unicodedata.category(c) == "Lt",
    lambda c: is_cased(c),
    lambda c: is_case_ignorable(c),
]

TEXTS = [
    "", "a", "Hello World", "hELLO wORLD", "they're bill's friends", "x-y z_w", "1st 2nd", "   ", " a\tb\n", "ABC123",
    "straße", "STRASSE", "ẞ", "Fuß-ball", "ﬁn", "ﬁNAL ﬂOW", "ﬀ ﬃ ﬄ ﬅ ﬆ", "ŉ", "ŉABC", "ǰ", "ΐ", "ΰ", "և", "ﬓﬔﬕﬖﬗ", "ẖẗẘẙẚ",
    "ΟΔΟΣ", "ΟΔΟΣ ΣΟΦΟΣ", "Σ", "ΑΣ", "ΑΣ.", "ΑΣ'Α", "ΑΣ' Α", "Σ.Α", "Α.Σ", "ΑΣ\u0301", "Α\u0301Σ", "ΑΣ\u00ad\u200dΒ", "1Σ", "ΑΣ1", "ΣΣΣ", "ΑΣ😀", "𐐀Σ", "Σ𐐀",
    "ΑΣ\u02b0", "\u02b0Σ", "Ⓐ\u0301Σ", "ΧΑΟΣ ΧΑΟΣ.ΧΑΟΣ. Σ.", "ς", "ὈΔΥΣΣΕΎΣ",
    "İstanbul", "ISTANBUL", "ı", "ıI", "İİ", "I\u0307", "ſ", "Kelvin Å", "µ", "ς σ Σ", "ϐϑϕϖϰϱϵ", "ẛ", "ͅ", "ι",
    "ǆ", "Ǆ", "ǅ", "ǆEMPA", "Ǉubljana ǉ ǈ", "Ǌǋǌ", "ǱǲǳA", "ᾳ", "ᾼ", "ᾼΑ", "ὈᾼΣ", "ᾀᾈ", "ῳῼ", "ᾷ", "ᾲ ᾴ ῂ ῄ ῲ ῴ ῇ ῷ", "ὖ ὒ", "ῥ ῤ",
    "ა", "ᲐᲑ", "ქართული", "ᏣᎳᎩ", "ꮳꮃꭹ", "ᏸ", "ᲀᲁᲈ", "𐐀𐐨", "𐐨𐐩 x", "𐓐𐓘", "𞤀𞤢", "𑢠𑣀", "𖹀𖹠", "𝐀𝐚",
    "Ⅷ", "ⅷ", "Ⓐⓐ", "🄰", "🅰", "ªº", "ʰ", "Hʰ", "²", "½", "①", "٣", "１", "७", "一二三", "兆", "𝟘", "𐩀", "😀", "日本", "日本 A", "a😀b", "é", "e\u0301A",
    "ⅷABC", "aªA", "A1A", "a1a", "A\u0301a", "x'X", "ΑΒ'γδ", "ʼn", "ɤƛ", "ɪ", "Ꞌꞌ", "Ɐɐ", "Ჿ", "ﬁﬁ ﬁ", "\u0345Α",
    "_", "_a1", "1a", "a-b", "ℼ", "℘", "℮", "·", "a·", "ᧁ", "a᧚", "﹏", "a\u0301", "\u0301a", "ﾞ", "aﾞ", "ำ", "กำ", "ͺ", "ⸯ", "𐀀", "𝛁",
    "\x1c", "\x1cb\x1f", "\x85a\xa0", "\u2003x\u3000", "\u200bx", "\u180ex", "\ufeffx", "a\x1c b\x85c\u2028d", "\r\na\x0bb\x0cc\x1d\x1e\r",
    "it's", 'say "x"', "it's \"x\"", "\\", "\x00\x07\x1b\x7f\x80\xad", "\u0378", "\ue000", "\U000e0001", "\U0001f9ff", "\u00ff\u0100",
]

NUMBERS = [
    "", " ", "0", "1", "-1", "+1", " 12 ", "\t12\n", "007", "1_000", "1__0", "_1", "1_", "1_000.5_5", "1._5", "1_.5", "1e5", "1E+5", "1e-5", "1e", "1e+", "e5", "1e5_0",
    ".", ".5", "5.", "-.5", "+.5", "5.e3", ".e3", "1.5.2", "--1", "+-1", "- 1", "1 2", "1,5", "0x10", "0X1f", "0b101", "0o17", "0x", "0b2", "ff", "FF", "zz", "0_1", "0x_1f",
    "inf", "INF", "-inf", "+Infinity", "infinity", "infinit", "nan", "-NaN", "naN", "NAN1", " nan ", "in f", "ınf", "İNF", "infınıty", "1e999", "-1e999", "1e-999",
    "9" * 25, "1" * 400, "0" * 30 + "7", "179769313486231580793728971405301e276", "4.9e-324", "2.4e-324", "0.1", "9007199254740993",
    "٣", "١٢٣", "-٣", "+٣", "١.٥", "١٫٥", "１２", "１.５", "１．５", "−1", "１_０", "१२३", "৪৫", "๑๒", "၁၂", "០១", "᠐᠑", "𝟗", "𝟘𝟙", "𑁦", "𞥒", "٣x", "x٣", "1٢३", "١e٢", "１e+２",
    "²", "1²", "①", "½", "一", "Ⅷ", "٠x1f", "0x١f", "0x１Ｆ", "٠٧", "٠", "٠_٠", "_٣", "٣_", "٣__٣", "٣ ٣", "٣\u0301",
    "\u00a05\u00a0", "\u20035\u3000", "\x855", "\x1c5", "5\x1f", "\x1c٣", "5\x00", "\x005", "5\u200b", "\ufeff5", "\u180e5", "\x0b5\x0c", "5\x7f", "٣\x7f", "5\n\n", "\u2028٣\u2029",
    "true", "True", "TRUE", "tRuE", " true", "1.0", "yes", "ＴＲＵＥ", "tru\u0065\u0301", "false", "None", "[1]", "T̈RUE",
]


def is_cased(c):
    """Title case of the next letter tells."""
    return (c + "a").title()[-1] == "a"


def is_case_ignorable(c):
    """The final sigma looks through it."""
    through = ("a" + c + "Σ").lower()[-1] == "ς"
    return through and (not is_cased(c) or (" " + c + "Σ").lower()[-1] == "σ")


def code_points():
    return (chr(i) for i in range(0x110000) if not 0xD800 <= i <= 0xDFFF)


def characters():
    """Runs of characters with the same properties: the first code point and the bits; '-' for those without a meaning yet."""
    last = None
    for c in code_points():
        bits = "-" if unicodedata.category(c) == "Cn" else f"{sum(bool(holds(c)) << bit for bit, holds in enumerate(PROPERTIES)):X}"
        if bits != last:
            yield f"{ord(c):X} {bits}"
        last = bits


def case_forms(c):
    """Upper, lower, title and folded form: the distance where it is one character, else the code points behind '='."""
    forms = [c.upper(), c.lower(), c.title(), c.casefold()]
    return " ".join(str(ord(form) - ord(c)) if len(form) == 1 else "=" + "+".join(f"{ord(part):X}" for part in form) for form in forms)


def case_mappings():
    """Runs of characters that change alike: first-last/step, then the forms. Characters that stand nowhere do not change."""
    runs = []
    for c in code_points():
        forms = case_forms(c)
        if forms == "0 0 0 0":
            continue
        at = ord(c)
        for run in reversed(runs[-2:]):
            step = at - run["last"]
            if run["forms"] == forms and step <= 2 and run["step"] in (None, step):
                run["last"], run["step"] = at, step
                break
        else:
            runs.append({"first": at, "last": at, "step": None, "forms": forms})
    for run in runs:
        yield f"{run['first']:X}-{run['last']:X}/{run['step'] or 1} {run['forms']}"


def text_row(text):
    forms = "upper lower title capitalize swapcase casefold strip".split()
    tests = "alnum alpha decimal digit identifier lower numeric printable space title upper".split()
    return {
        "text": text,
        **{form: getattr(text, form)() for form in forms},
        "repr": repr(text),
        "is": " ".join(test for test in tests if getattr(text, "is" + test)()),
    }


def answer(function, *arguments):
    try:
        return function(*arguments)
    except ValueError:
        return None


def number_row(text):
    number = answer(float, text)
    return {
        "text": text,
        "float": None if number is None else repr(number),
        **{f"int{radix}": None if (whole := answer(int, text, radix)) is None else str(whole) for radix in (10, 16, 36, 0)},
        # The converter of the reference: int(float(text)) or 0, and lower() in ("true", "1").
        "boolean": text.lower() in ("true", "1"),
    }


def write(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="ascii")


write("characters.txt", [f"# {MADE_BY}", *characters()])
write("case.txt", [f"# {MADE_BY}", *case_mappings()])
write("texts.jsonl", [json.dumps(text_row(text)) for text in TEXTS])
write("numbers.jsonl", [json.dumps(number_row(text)) for text in NUMBERS])
