#!/usr/bin/env python3
"""Writes what the Condition block of the reference gives, for the tests beside it. The tests read the file and need no Python.

Run it again after a change here: python3 tables.py
"""
import json
import math
import operator
import pathlib

HERE = pathlib.Path(__file__).parent
OPERATORS = {"==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}

PAIRS = [
    ("٣", 3), ("٣", "3"), ("٣", "٤"), ("١٢", "9"), ("1٣", 13), ("-٣", -3), ("３.５", 3.5), ("３．５", 3.5), ("１_０", 10), (" ٣\u2003", 3), ("\u00a03", "3\u3000"), ("٣", True), ("१०", "१०.०"),
    ("²", 2), ("½", 0.5), ("一", 1), ("Ⅷ", "ⅷ"), ("−3", -3), ("0x10", 16), ("1__0", 10), ("ınf", "inf"), ("İNF", "inf"), ("INFINITY", "inf"), ("1e400", "inf"), ("NaN", "nan"), ("\x1c3", 3), ("\x1c3\x1f", "\x853"),
    ("ß", "SS"), ("ß", "ss"), ("ﬁ", "fi"), ("É", "é"), ("Σ", "ς"), ("straße", "STRASSE"), ("a", "B"), ("Z", "a"), ("😀", "\ufb01"), ("\U00010000", "\uffff"), ("é", "e\u0301"), ("\u00a0a\u2003", "a"), ("\x1ca\x85", "a"),
    ("true", True), ("TRUE", "true"), ("", " "), ("\u200b", ""), ("3", [3]), ("٣", {}), (["٣"], ["３"]), (["ß"], ["ﬁ"]),
]


def coerced(value):
    """Texts are trimmed, and floats where they read as such."""
    if not isinstance(value, str):
        return value
    try:
        return float(value.strip())
    except ValueError:
        return value.strip()


def shown(value):
    """JSON has neither infinities nor NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def outcome(one, sign, other):
    one, other = coerced(one), coerced(other)
    try:
        result = OPERATORS[sign](one, other)
    except TypeError as failure:
        return f"!Execution: Comparison failed: {failure}"
    return f"result=true yes_output={shown(one)}" if result else f"result=false no_output={shown(other)}"


rows = [{"value1": one, "operator": sign, "value2": other, "outcome": outcome(one, sign, other)} for one, other in PAIRS for sign in OPERATORS]
(HERE / "conditions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")
