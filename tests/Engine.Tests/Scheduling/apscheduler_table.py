#!/usr/bin/env python3
"""Writes apscheduler.tsv: the occurrences that APScheduler computes, for the tests of src/Engine/Scheduling. The tests read the file and need no Python.

Run it again when the cases change, with Debian's package python3-apscheduler (3.9.1) and Debian's Python:

    apt-get install python3-apscheduler && /usr/bin/python3 apscheduler_table.py

Expressions of the other dialects are computed from what they mean in APScheduler's words; several of them are united. Near changes of the clock
APScheduler has other rules than decision 14, so the script stops when an occurrence lies within a day of one; those are in clock-changes.tsv.
"""
import datetime
import pathlib

import apscheduler
import pytz
from apscheduler.triggers.cron import CronTrigger

COUNT = 3
DAY = datetime.timedelta(days=1)

# Dialect, expression, zone, from, and what it means to APScheduler where that is not the same text.
CASES = []


def case(dialect, expression, zone, start, *means):
    CASES.append((dialect, expression, zone, start, means or (expression,)))


NEW_YORK, LONDON, LORD_HOWE, APIA = "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"
CAIRO, KOLKATA, UTC = "Africa/Cairo", "Asia/Kolkata", "UTC"
ZONES = [NEW_YORK, LONDON, LORD_HOWE, APIA, CAIRO, KOLKATA, UTC]

# Times of day in every zone.
for zone in ZONES:
    case("apscheduler", "0 9 * * *", zone, "2026-01-14T12:00:00Z")
    case("apscheduler", "30 23 * * *", zone, "2026-07-14T00:00:00Z")
    case("apscheduler", "*/15 * * * *", zone, "2026-06-15T23:50:30Z")
    case("apscheduler", "0 */6 * * *", zone, "2026-01-14T00:00:00Z")
    case("apscheduler", "5 4 last * *", zone, "2026-05-20T00:00:00Z")
    case("apscheduler", "0 0 29 2 *", zone, "2026-01-01T00:00:00Z")
    case("apscheduler", "45 17 * * 0-4", zone, "2026-07-16T12:00:00Z")

# Fields.
for expression in [
    "* * * * *", "*/7 * * * *", "7-52/15 * * * *", "50/4 * * * *", "0,20,40 * * * *", "0 9-17 * * *", "0 9-17/4 * * *", "0 20/2 * * *", "15 1,13 * * *",
    "0 12 1 * *", "0 12 1,15 * *", "0 12 */10 * *", "0 12 25/3 * *", "0 12 1-7 * *", "0 12 31 * *", "0 12 30 * *", "0 12 28-31 * *",
    "0 12 * 6 *", "0 12 1 1 *", "0 12 1 */3 *", "0 12 1 feb-apr *", "0 12 1 JAN,Jul *", "0 12 1 5/4 *", "  0   12  *  *  * ", "00 09 01 01 *",
]:
    case("apscheduler", expression, UTC, "2026-03-15T10:07:00Z")

# Weekdays from 0 for Monday, and days that must both match.
for expression in [
    "0 9 * * 0", "0 9 * * 1", "0 9 * * 6", "0 9 * * 1-5", "0 9 * * mon-fri", "0 9 * * SAT,sun", "0 9 * * */2", "0 9 * * 2/2", "0 9 * * 0-6/3",
    "0 0 13 * 4", "0 0 13 * fri", "0 0 1-7 * mon", "0 0 last * fri", "0 0 1,last * *", "0 0 last 2 *", "0 0 29 2 mon", "0 0 29 2 3", "0 0 31 * sun", "0 0 25-31 12 3",
]:
    case("apscheduler", expression, UTC, "2026-03-15T10:07:00Z")

# Leap days: 2096 is followed by 2104. Month ends. A slot is not after itself.
case("apscheduler", "0 0 29 2 *", UTC, "2092-03-01T00:00:00Z")
case("apscheduler", "0 0 last 2 *", UTC, "2098-03-01T00:00:00Z")
case("apscheduler", "0 0 29 2 *", UTC, "1998-01-01T00:00:00Z")
case("apscheduler", "59 23 31 12 *", UTC, "2026-12-31T23:58:59Z")
case("apscheduler", "59 23 31 12 *", UTC, "2026-12-31T23:59:00Z")
case("apscheduler", "0 0 1 * *", UTC, "2027-01-31T23:59:59Z")
case("apscheduler", "0 0 30 * *", UTC, "2026-01-30T00:00:00Z")
case("apscheduler", "0 9 * * *", NEW_YORK, "2026-01-14T14:00:00Z")
case("apscheduler", "0 9 * * *", NEW_YORK, "2026-01-14T13:59:59Z")
case("apscheduler", "30 5 * * *", KOLKATA, "2026-01-31T23:59:00Z")
case("apscheduler", "0 0 1 3 *", KOLKATA, "2027-02-28T18:29:00Z")
case("apscheduler", "0 0 1 1 *", APIA, "2026-12-31T09:59:00Z")
# From winter time on, APScheduler would miss this New Year and answer that of 2028.
case("apscheduler", "0 0 1 1 *", LORD_HOWE, "2026-12-01T00:00:00Z")

# Aliases.
for alias, means in [
    ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * sun"), ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"), ("@hourly", "0 * * * *"),
]:
    case("apscheduler", alias, KOLKATA, "2026-05-05T05:05:00Z", means)

# Weekdays from 0 for Sunday, and days that must both match.
for expression, means in [
    ("0 9 * * 0", "0 9 * * sun"), ("0 9 * * 7", "0 9 * * sun"), ("0 9 * * 1", "0 9 * * mon"), ("0 9 * * 1-5", "0 9 * * mon-fri"), ("0 9 * * 5-7", "0 9 * * fri-sun"),
    ("0 9 * * 0-2", "0 9 * * sun,mon,tue"), ("0 9 * * 5-1", "0 9 * * fri,sat,sun,mon"), ("0 9 * * */2", "0 9 * * sun,tue,thu,sat"), ("0 9 * * 1/3", "0 9 * * mon,thu"),
    ("0 9 * * fri-mon", "0 9 * * fri,sat,sun,mon"), ("0 0 13 * 5", "0 0 13 * fri"), ("0 0 last * 5", "0 0 last * fri"), ("0 0 13 * fri", "0 0 13 * fri"), ("@weekly", "0 0 * * sun"),
]:
    case("autogpt", expression, NEW_YORK, "2026-05-05T05:05:00Z", means)

# Weekdays from 0 for Sunday; one of two days is enough unless a field begins with a star.
for expression, means in [
    ("0 9 * * 0", ["0 9 * * sun"]), ("0 9 * * 7", ["0 9 * * sun"]), ("0 9 * * 1-5", ["0 9 * * mon-fri"]), ("0 9 * * mon-fri/2", ["0 9 * * mon,wed,fri"]),
    ("0 9 * * mon-4", ["0 9 * * mon-thu"]), ("0 9 * * 0-7", ["0 9 * * *"]), ("0 0 13 * 5", ["0 0 13 * *", "0 0 * * fri"]), ("0 0 13 * fri", ["0 0 13 * *", "0 0 * * fri"]),
    ("0 0 1,15 * 1", ["0 0 1,15 * *", "0 0 * * mon"]), ("0 0 31 2 1", ["0 0 * 2 mon"]), ("0 0 1-7 6 mon", ["0 0 1-7 6 *", "0 0 * 6 mon"]), ("0 0 */2 * 1", ["0 0 */2 * mon"]),
    ("0 0 13 * */2", ["0 0 13 * sun,tue,thu,sat"]), ("0 0 29 2 *", ["0 0 29 2 *"]), ("@monthly", ["0 0 1 * *"]), ("0 0 13 1-6/5 fri", ["0 0 13 1,6 *", "0 0 * 1,6 fri"]),
]:
    case("standard", expression, LONDON, "2026-05-05T05:05:00Z", *means)


def occurrences(means, zone, start):
    zone = pytz.timezone(zone)
    found = set()
    for expression in means:
        trigger = CronTrigger.from_crontab(expression, timezone=zone)
        previous, now = None, (start + datetime.timedelta(microseconds=1)).astimezone(zone)
        for _ in range(COUNT):
            previous = trigger.get_next_fire_time(previous, now)
            now = previous
            around = {(previous.astimezone(pytz.UTC) + days * DAY).astimezone(zone).utcoffset() for days in (-1, 0, 1)}
            assert len(around) == 1, f"{expression} in {zone}: {previous} is near a change of the clock"
            found.add(previous.astimezone(pytz.UTC))
    return sorted(found)[:COUNT]


def main():
    lines = [f"# Made by apscheduler_table.py with APScheduler {apscheduler.version}.", "# dialect\texpression\tzone\trepeated\tfrom\texpected\tmeans"]
    for dialect, expression, zone, start, means in CASES:
        begin = datetime.datetime.strptime(start, "%Y-%m-%dT%H:%M:%S%z")
        expected = " ".join(time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in occurrences(means, zone, begin))
        lines.append("\t".join([dialect, expression, zone, "first", start, expected, " | ".join(means)]))
    assert len(set(lines)) == len(lines), "a case is there twice"
    (pathlib.Path(__file__).parent / "apscheduler.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
