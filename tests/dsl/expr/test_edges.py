"""Compiled windows know when the calendar need not be asked; they must agree with it everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.shop import scope
from dsl.calendar import DAY, HOUR, Duration, Instant, add, from_datetime, subtract
from dsl.expr.compile import compile_rule
from dsl.expr.timing import reach
from dsl.machine import Rule
from dsl.source import Text
from tests.dsl.expr.asking import event, somebody

# Samoa left out 30 December 2011; Lord Howe moves by half an hour; Kwajalein left out a day, too.
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Europe/Berlin",
            "America/New_York",
            "Pacific/Apia",
            "Pacific/Kwajalein",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "UTC",
        )
    ]
)
SAMOA = from_datetime(datetime(2011, 12, 31, 12, tzinfo=UTC))
MOMENTS = st.one_of(
    st.integers(0, from_datetime(datetime(2040, 1, 1, tzinfo=UTC))),
    st.integers(SAMOA - 40 * DAY, SAMOA + 40 * DAY),
)
LENGTHS = st.builds(
    Duration,
    months=st.integers(0, 26),
    days=st.integers(0, 400),
    micros=st.sampled_from([0, HOUR, 36 * HOUR]),
).filter(lambda length: not length.exact)
NEAR = st.one_of(st.sampled_from([-1, 0, 1]), st.integers(-60 * HOUR, 60 * HOUR))


def spelled(length: Duration) -> str:
    parts = [f"{length.months} months"] * bool(length.months)
    parts += [f"{length.days} days"] * bool(length.days)
    parts += [f"{length.micros // HOUR} hours"] * bool(length.micros)
    return " ".join(parts)


@cache
def rule(text: str) -> Rule:
    compiled = compile_rule(Text.of(text), scope(), [])
    assert compiled is not None
    return compiled


@settings(max_examples=400)
@given(MOMENTS, LENGTHS, NEAR, ZONES)
@example(SAMOA, Duration(days=1), 0, ZoneInfo("Pacific/Apia"))
@example(SAMOA, Duration(days=2), 0, ZoneInfo("Pacific/Apia"))
def test_the_last_days_are_those_of_the_calendar(
    now: Instant, length: Duration, offset: int, zone: ZoneInfo
) -> None:
    begin = subtract(now, length, zone)
    moment = begin + offset
    who = somebody(event("purchase", moment), now=now, zone=zone, last_login=moment)
    words = spelled(length)
    inside = begin < moment <= now

    assert rule(f"did purchase in the last {words}").holds(who) is inside
    assert rule(f"count of purchase in the last {words} is 1").holds(who) is inside
    assert rule(f"first purchase.time in the last {words} is known").holds(who) is inside
    assert rule(f"last_login is within the last {words}").holds(who) is inside


@settings(max_examples=400)
@given(MOMENTS, LENGTHS, NEAR, ZONES)
@example(SAMOA, Duration(days=1), 0, ZoneInfo("Pacific/Apia"))
def test_time_since_and_until_are_those_of_the_calendar(
    then: Instant, length: Duration, offset: int, zone: ZoneInfo
) -> None:
    end = add(then, length, zone)
    now = end + offset
    words = spelled(length)
    since = somebody(event("purchase", then), now=now, zone=zone)
    until = somebody(now=then, zone=zone, last_login=now)
    order = (now > end) - (now < end)
    for sign, holds in (
        (">=", order >= 0),
        (">", order > 0),
        ("<=", order <= 0),
        ("<", order < 0),
        ("is", order == 0),
    ):
        assert rule(f"time since last purchase.time {sign} {words}").holds(since) is holds
        assert rule(f"time until last_login {sign} {words}").holds(until) is holds
    assert rule(f"last_login is within the next {words}").holds(until) is (then <= now < end)


@given(LENGTHS, MOMENTS, ZONES)
def test_no_length_is_beyond_its_reach(length: Duration, then: Instant, zone: ZoneInfo) -> None:
    limits = reach(length)
    assert limits is not None

    assert limits[0] <= add(then, length, zone) - then <= limits[1]
    assert limits[0] <= then - subtract(then, length, zone) <= limits[1]
