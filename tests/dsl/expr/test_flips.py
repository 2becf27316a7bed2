"""When rules change by themselves: told exactly where it matters, and never too late."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.shop import person, scope
from dsl.calendar import DAY, HOUR, MINUTE, Instant, to_datetime
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.expr.context import Context, NoFacts
from dsl.expr.flips import may_flip
from dsl.machine import Rule
from dsl.source import Text
from tests.dsl.expr.asking import NOW, at, event, somebody
from tests.dsl.sql.crowd import crowd
from tests.dsl.sql.drawing import rules
from tests.dsl.sql.setting import compiled

RULES = int(os.environ.get("WAYLINE_RULES", "200"))
NEW_YORK = ZoneInfo("America/New_York")


def compiled_rule(rule: str) -> Rule:
    found: list[Diagnostic] = []
    made = compile_rule(Text.of(rule), scope(), found)
    assert made is not None, (rule, found)
    return made


def instant(rule: str, who: Context) -> Instant | None:
    made = compiled_rule(rule)
    return None if made.flips is None else made.flips(who)


def flip(rule: str, who: Context) -> str | None:
    """When the rule may change, on the person's clock; to the minute if it is a whole one."""
    found = instant(rule, who)
    if found is None:
        return None
    moment = to_datetime(found, who.zone).replace(tzinfo=None)
    return moment.isoformat(" ", "microseconds" if moment.microsecond else "minutes")


# NOW is Monday, 2 March 2026, 10:00 in Berlin.


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # The oldest event that keeps it true, and the length.
        ("did purchase in the last 3 days", "2026-03-04 09:00"),
        ("did not purchase in the last 3 days", "2026-03-04 09:00"),
        ("did purchase at least 2 times in the last 3 days", "2026-03-03 08:00"),
        ("count of purchase in the last 72 hours >= 2", "2026-03-03 08:00"),
        ("count of purchase in the last 30 days >= 4", None),
        ("sum of purchase.total in the last 3 days >= 60 EUR", "2026-03-03 08:00"),
        ("did purchase where total > 40 EUR in the last 3 days", "2026-03-03 08:00"),
        ("did purchase where total > 4000 EUR in the last 3 days", None),
        ("last purchase.total in the last 3 days is 30 EUR", "2026-03-04 09:00"),
        ("did login in the last 3 days", None),
        ("did purchase today", None),
        ("did purchase yesterday", "2026-03-03 00:00"),
        ("did purchase this week", None),
        ("did purchase this month", "2026-04-01 00:00"),
        ("did purchase this year", "2027-01-01 00:00"),
        ("did purchase since today - 2 days", "2026-03-04 00:00"),
        ("did purchase before now - 10 days", "2026-03-10 08:00:00.000001"),
        ("did purchase since entry", None),
        ("did purchase before 2027-01-01", None),
        ("did purchase", None),
        # A length of time since, and until.
        ("time since last purchase.time >= 60 days", "2026-04-30 09:00"),
        ("time since last purchase.time > 60 days", "2026-04-30 09:00:00.000001"),
        ("time since last purchase.time < 1 month", "2026-04-01 09:00"),
        ("time since last_seen_at >= refill_interval", "2026-03-28 10:00"),
        ("time until renewal_date <= 14 days", "2026-03-06 00:00"),
        ("time until renewal_date < 24 hours", "2026-03-19 00:00:00.000001"),
        ("last purchase.time + 30 days < now", "2026-03-31 09:00:00.000001"),
        ("in_days(now - last_seen_at) >= 10", "2026-03-10 10:00"),
        ("round(in_days(now - last_seen_at)) >= 10", "2026-03-09 22:00"),
        # Near and far.
        ("renewal_date is within the next 14 days", "2026-03-06 00:00:00.000001"),
        ("renewal_date is within the next 30 days", "2026-03-20 00:00:00.000001"),
        ("last_seen_at is within the last 7 days", "2026-03-07 10:00"),
        ("now is after 2026-11-27 08:00", "2026-11-27 08:00:00.000001"),
        ("now is between 2026-03-01 and 2026-03-05", "2026-03-06 00:00"),
        # Days.
        ("renewal_date is today", "2026-03-20 00:00"),
        ("renewal_date is tomorrow", "2026-03-19 00:00"),
        ("renewal_date is before today", "2026-03-21 00:00"),
        ("last_seen_at is today", None),
        ("last_seen_at is yesterday", None),
        ('weekday(now) is "Saturday"', "2026-03-07 00:00"),
        ('weekday(now) is one of ("Monday", "Saturday")', "2026-03-03 00:00"),
        ("hour(now) >= 18", "2026-03-02 18:00"),
        ("month(today) is 3", "2026-03-26 00:00"),  # it looks ahead for 24 days, then again
        ("year(today) > 2026", "2027-01-01 00:00"),
        ("age(birthday) >= 18", "2028-02-28 00:00"),
        ("age(birthday) >= 17", "2027-02-28 00:00"),
        ("anniversary(birthday) is today", "2027-02-28 00:00"),
        ("anniversary(birthday) is within the next 7 days", "2027-02-21 00:00:00.000001"),
        # Parts that decide, and parts that do not.
        ('country is "DE" and did purchase in the last 3 days', None),
        ('country is "AT" and did purchase in the last 3 days', "2026-03-04 09:00"),
        ('country is "AT" or did purchase in the last 3 days', None),
        ("hour(now) >= 18 and renewal_date is today", "2026-03-20 18:00"),
        ("hour(now) >= 18 or renewal_date is today", "2026-03-02 18:00"),
        ("not (hour(now) >= 18)", "2026-03-02 18:00"),
        ("if is_member then hour(now) >= 18 else hour(now) >= 12", "2026-03-02 12:00"),
        ('country is "DE"', None),
        ("in segment vip", None),
        ("entered segment vip in the last 3 days", "2026-03-04 07:00"),
        ("left segment vip in the last 3 days", None),
        ("left segment vip", None),
    ],
)
def test_the_instant_is_told(rule: str, expected: str | None) -> None:
    who = somebody(
        event("purchase", at("2026-02-28 08:00"), 1, total=5000),
        event("purchase", at("2026-03-01 09:00"), 2, total=3000),
        event("segment vip entered", at("2026-03-01 07:00"), 3),
        country="AT",
        last_seen_at=at("2026-02-28 10:00"),
        refill_interval=[1, 0, 0, 0],
        renewal_date="2026-03-20",
        birthday="2010-02-28",
    )
    who.entry = NOW - 4 * DAY

    assert flip(rule, who) == expected


@pytest.mark.parametrize(
    ("rule", "now", "happened", "expected"),
    [
        # 29 March 2026: 02:00 to 03:00 is left out. 25 October: 02:00 to 03:00 comes twice.
        ("did login in the last 1 day", "2026-03-28 12:00", "2026-03-28 02:30", "2026-03-29 03:00"),
        (
            "did login in the last 24 hours",
            "2026-03-28 12:00",
            "2026-03-28 02:30",
            "2026-03-29 03:30",
        ),
        ("did login in the last 1 day", "2026-03-28 12:00", "2026-03-28 11:00", "2026-03-29 11:00"),
        (
            "did login in the last 24 hours",
            "2026-03-28 12:00",
            "2026-03-28 11:00",
            "2026-03-29 12:00",
        ),
        ("did login in the last 1 day", "2026-10-24 12:00", "2026-10-24 11:00", "2026-10-25 11:00"),
        (
            "did login in the last 24 hours",
            "2026-10-24 12:00",
            "2026-10-24 11:00",
            "2026-10-25 10:00",
        ),
        # A month before 29, 30 and 31 March is 28 February.
        (
            "did login in the last 1 month",
            "2026-03-20 12:00",
            "2026-02-28 11:00",
            "2026-03-28 11:00",
        ),
        (
            "did login in the last 1 month",
            "2026-03-20 12:00",
            "2026-03-01 00:00",
            "2026-04-01 00:00",
        ),
        (
            "did login in the last 3 working days",
            "2026-03-06 12:00",
            "2026-03-06 11:00",
            "2026-03-11 11:00",
        ),
    ],
)
def test_the_calendar_is_kept(rule: str, now: str, happened: str, expected: str) -> None:
    who = somebody(event("login", at(happened), 1), now=at(now))

    assert flip(rule, who) == expected


def test_an_hour_that_comes_twice_brings_an_event_back() -> None:
    """At 02:59:59 the login of 02:30 the day before is over; a second later it is 02:00 again."""
    who = somebody(event("login", at("2026-10-24 02:30"), 1), now=at("2026-10-25 02:45"))

    assert instant("did login in the last 1 day", who) == at("2026-10-25 01:00", ZoneInfo("UTC"))


def test_an_event_dated_ahead_comes_in_by_itself() -> None:
    who = somebody(event("login", NOW + 3 * MINUTE, 1))

    for rule in ("did login in the last 2 days", "did login today", "did login since 2026-01-01"):
        assert flip(rule, who) == "2026-03-02 10:03", rule


def test_days_begin_where_the_person_is() -> None:
    who = somebody(zone=NEW_YORK, renewal_date="2026-03-20")

    assert flip("renewal_date is today", who) == "2026-03-20 00:00"


class Contacts(NoFacts):
    """Messages at these instants; None is one that is still open."""

    def __init__(self, *sent: Instant | None) -> None:
        self.sent = sent

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return any(
            one is None or ((start is None or one >= start) and (end is None or one < end))
            for one in self.sent
        )

    def window_open(self, channel: str, context: Context) -> bool:
        return any(one is not None and context.now < one + 24 * HOUR for one in self.sent)


def test_messages_fall_out_of_windows() -> None:
    rule = "messaged on push in the last 24 hours"
    sent = NOW - 30 * HOUR, NOW - 3 * HOUR, NOW - 5 * HOUR

    assert flip(rule, replace(person(), facts=Contacts(*sent))) == "2026-03-03 07:00"
    assert flip(rule, replace(person(), facts=Contacts(*sent[:1]))) is None
    assert flip(rule, replace(person(), facts=Contacts(*sent, None))) is None
    assert flip("messaged on push", replace(person(), facts=Contacts(*sent))) is None


def test_a_window_closes() -> None:
    open_ = replace(person(), facts=Contacts(NOW - 20 * HOUR))

    assert flip("whatsapp window is open", open_) == "2026-03-02 14:00"
    assert flip("whatsapp window is open", replace(person(), facts=Contacts())) is None


@pytest.mark.parametrize(
    "rule",
    [
        "abs(in_days(now - last_seen_at)) > 3",
        "in_days(now - last_seen_at) * in_days(now - last_login) > 3",
    ],
)
def test_what_cannot_be_told_is_not_told(rule: str) -> None:
    """Such a rule says that it looks at the clock, and has no instants."""
    made = compiled_rule(rule)

    assert made.flips is None
    assert made.reads.clock is True


def test_a_rule_without_a_clock_has_no_instants() -> None:
    for rule in (
        'country is "DE"',
        "did purchase",
        "did purchase before 2026-01-01",
        "in segment vip",
    ):
        made = compiled_rule(rule)
        assert (made.flips, made.reads.clock) == (None, False), rule


# ---------------------------------------------------------------------------------- every rule

_FOR_EVER = 900 * DAY


def moments_between(now: Instant, end: Instant, random: Random) -> list[Instant]:
    """Instants before the end: close to it and to the beginning, on the hour, and anywhere."""
    near = [1, 2, MINUTE, HOUR, DAY, 30 * DAY]
    wanted = {*(now + n for n in near), *(end - n for n in near)}
    wanted |= {random.randint(now, end) for _ in range(12)}
    wanted |= {(now + n * HOUR) // HOUR * HOUR for n in random.sample(range(24 * 40), 12)}
    return sorted(one for one in wanted if now < one < end)


def changed(rule: Rule, context: Context, end: Instant | None, random: Random) -> list[Instant]:
    """Instants before the end at which the rule says something else than now."""
    ahead = copy(context)
    before = rule.holds(context)
    found = []
    for one in moments_between(context.now, end or context.now + _FOR_EVER, random):
        ahead.now = one
        if rule.holds(ahead) is not before:
            found.append(one)
    return found


@settings(max_examples=RULES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(), st.integers(0, 25))
def test_no_rule_changes_before_its_flip(rule: str, seed: int) -> None:
    made, people = compiled(rule), crowd(seed)
    if made.reads.segments or made.reads.channels or made.reads.consent:
        return  # what others decide has flips of its own
    meaning: Any = made.meaning
    if made.flips is None and may_flip(meaning):
        return
    random = Random(seed)

    for context in people.contexts[:8]:
        end = None if made.flips is None else made.flips(context)
        assert end is None or end > context.now, rule
        assert changed(made, context, end, random) == [], (rule, end, context)


@pytest.mark.parametrize("seed", range(13))
def test_windows_flip_on_time_around_every_edge(seed: int) -> None:
    """From flip to flip for forty days, asked every quarter of an hour and at each flip."""
    random = Random(seed)
    names = ("1 day", "24 hours", "1 month", "3 working days", "1 week", "1 day 12 hours")
    for context in crowd(seed).contexts[:4]:
        for name in random.sample(names, 2):
            made = compiled(f"count of purchase in the last {name} >= 1")
            assert made.flips is not None
            ahead, end = copy(context), context.now + 40 * DAY
            while ahead.now < end:
                before = made.holds(ahead)
                following = made.flips(ahead) or end
                start, asked = ahead.now, min(following, end)
                for one in range(start, asked, 45 * MINUTE):
                    ahead.now = one
                    assert made.holds(ahead) is before, (name, one, context)
                ahead.now = asked
