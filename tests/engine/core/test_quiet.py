"""Quiet hours hold on the recipient's wall clock, across midnight and clock changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import MINUTE, from_datetime, local
from dsl.machine import QuietSpan
from engine.core.quiet import Silence, freed_at, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietSpan(None, None, 22 * 60, 6 * 60, "policy.yaml:1")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def ends(span: QuietSpan, text: str, *zones: ZoneInfo) -> str:
    """When it is quiet until, as the first zone's clock shows it."""
    among = zones or (BERLIN,)
    until = quiet_until([span], "push", at(text, among[0]), among)
    return "never" if until is None else local(until, among[0]).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2026-03-02 23:30", "Tue 06:00"),
        ("2026-03-03 01:00", "Tue 06:00"),
        ("2026-03-02 21:59:59", "Mon 21:59"),
        ("2026-03-02 22:00", "Tue 06:00"),
        ("2026-03-03 05:59:59", "Tue 06:00"),
        ("2026-03-03 06:00", "Tue 06:00"),
        ("2026-03-29 01:30", "Sun 06:00"),  # the night the clocks go forward
        ("2026-10-25 02:30", "Sun 06:00"),  # the night they go back
    ],
)
def test_a_night_is_quiet_until_its_end_on_either_side_of_midnight(asked: str, until: str) -> None:
    """22:00 to 06:00, asked at 23:30 and at 01:00: the end is exclusive."""
    assert ends(NIGHT, asked) == until


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("22:59", "Mon 22:59"),
        ("23:00", "Tue 01:00"),
        ("00:59", "Mon 01:00"),
        ("01:00", "Mon 01:00"),
    ],
)
def test_a_short_span_over_midnight(asked: str, until: str) -> None:
    """23:00 to 01:00."""
    span = QuietSpan(None, None, 23 * 60, 60, "policy.yaml:1")

    assert ends(span, f"2026-03-02 {asked}") == until


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    """Saturday's night reaches into Sunday; Sunday's own night is not quiet."""
    span = QuietSpan(None, frozenset({5}), 22 * 60, 6 * 60, "policy.yaml:1")

    assert ends(span, "2026-03-08 01:00") == "Sun 06:00"
    assert ends(span, "2026-03-08 23:00") == "Sun 23:00"


def test_spans_that_touch_are_one_silence() -> None:
    """Sunday all day, then the night: the first allowed instant is Monday morning."""
    sunday = QuietSpan(None, frozenset({6}), 0, 23 * 60 + 59, "policy.yaml:1")
    night = QuietSpan(None, None, 21 * 60, 8 * 60, "policy.yaml:2")

    until = quiet_until([sunday, night], "sms", at("2026-03-08 12:00"), [BERLIN])

    assert until == at("2026-03-09 08:00")


def test_other_channels_are_not_concerned() -> None:
    """A span for SMS says nothing about e-mail."""
    span = QuietSpan(frozenset({"sms"}), None, 22 * 60, 6 * 60, "policy.yaml:1")
    now = at("2026-03-02 23:30")

    assert quiet_until([span], "email", now, [BERLIN]) == now
    assert quiet_until([span], "sms", now, [BERLIN]) == at("2026-03-03 06:00")


def test_with_several_possible_zones_it_must_be_allowed_in_all() -> None:
    """22:30 in New York is 19:30 in Los Angeles: quiet until six there, nine in New York."""
    zones = (ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles"))

    assert ends(NIGHT, "2026-03-02 22:30", *zones) == "Tue 09:00"


def test_a_channel_that_is_always_quiet_never_opens() -> None:
    """From 00:00 to 00:00 is the whole day, every day."""
    always = QuietSpan(None, None, 0, 0, "policy.yaml:1")

    assert ends(always, "2026-03-02 12:00") == "never"


minutes = st.integers(0, 24 * 60 - 1)
spans = st.builds(
    QuietSpan,
    st.none(),
    st.none() | st.frozensets(st.integers(0, 6), min_size=1),
    minutes,
    minutes,
    st.just("policy.yaml:1"),
)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]).map(ZoneInfo)
moments = st.integers(at("2026-01-01 00:00"), at("2027-01-01 00:00"))


@given(st.lists(spans, min_size=1, max_size=3), moments, st.lists(zones, min_size=1, max_size=2))
def test_the_instant_given_is_allowed_and_none_before_it_is(
    quiet: list[QuietSpan], now: int, among: list[ZoneInfo]
) -> None:
    """At the end it is allowed everywhere; a minute before, if still after the question, not."""
    until = quiet_until(quiet, "push", now, among)

    if until is not None:
        assert quiet_until(quiet, "push", until, among) == until
    if until is not None and until - MINUTE >= now and until != now:
        assert quiet_until(quiet, "push", until - 1, among) == until


@given(
    st.integers(min_value=0, max_value=180),
    st.text(max_size=8),
    st.none() | st.integers(min_value=1, max_value=200),
    st.integers(min_value=1, max_value=90),
)
def test_whoever_waited_goes_within_the_span_and_when_it_is_not_quiet(
    span: int, unit: str, lasts: int | None, gap: int
) -> None:
    """The next silence, and what the message is good for, always win; and asked again it is the same
    moment.
    """
    end = at("2026-03-03 06:00")
    last = None if lasts is None else end + lasts * MINUTE
    noon = QuietSpan(None, None, 6 * 60 + gap, 12 * 60, "policy.yaml:2")
    silences = [Silence(each, (BERLIN,)) for each in (NIGHT, noon)]

    moment = freed_at(silences, end, span * MINUTE, unit, last)

    assert end <= moment <= end + span * MINUTE
    assert quiet_until([NIGHT, noon], "push", moment, (BERLIN,)) == moment
    assert last is None or moment < last
    assert freed_at(silences, end, span * MINUTE, unit, last) == moment


def test_each_morning_has_its_own_order() -> None:
    """Nobody is always the last."""
    silences = [Silence(NIGHT, (BERLIN,))]
    people = [f"p{number}" for number in range(50)]
    orders = [
        sorted(people, key=lambda who: freed_at(silences, end, 10 * MINUTE, who, None))
        for end in (at("2026-03-03 06:00"), at("2026-03-04 06:00"))
    ]

    assert orders[0] != orders[1]
