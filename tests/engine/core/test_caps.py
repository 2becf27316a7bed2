"""Caps count open messages whatever their age, and sent ones by their time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, Duration, from_datetime, local
from dsl.machine import Calendar, Cap, Rolling
from engine.core.caps import first_full
from engine.core.profile import Contact

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Rolling(Duration(days=7))


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=BERLIN))


def cap(
    count: int,
    period: Rolling | Calendar = WEEK,
    channel: str | None = None,
    category: str | None = None,
) -> Cap:
    return Cap(count, period, channel, category, f"{count} per something", "policy.yaml:1")


def sent(text: str, channel: str = "email", category: str = "promotional") -> Contact:
    return Contact(text, at(text), at(text), channel, category, "welcome")


def reserved(text: str, channel: str = "email") -> Contact:
    return Contact(text, at(text), None, channel, "promotional", "welcome")


def free_at(one: Cap, contacts: list[Contact], now: str) -> str | None:
    """When the cap has a slot again, as the clock shows it; None if it has one."""
    full = first_full([one], contacts, "email", "promotional", at(now), BERLIN)
    return None if full is None else local(full.free, BERLIN).strftime("%Y-%m-%d %H:%M")


def test_a_rolling_cap_is_free_exactly_when_the_oldest_falls_out() -> None:
    """(now - 7 days, now]: at the oldest one plus seven days it no longer counts."""
    contacts = [sent("2026-03-02 10:00"), sent("2026-03-04 10:00")]

    assert free_at(cap(2), contacts, "2026-03-09 09:59:59") == "2026-03-09 10:00"
    assert free_at(cap(2), contacts, "2026-03-09 10:00") is None


def test_with_more_than_the_cap_allows_enough_must_fall_out() -> None:
    """Three sent where two are allowed now: the second oldest has to go too."""
    contacts = [sent("2026-03-02 10:00"), sent("2026-03-03 10:00"), sent("2026-03-04 10:00")]

    assert free_at(cap(2), contacts, "2026-03-05 12:00") == "2026-03-10 10:00"


@pytest.mark.parametrize(
    ("unit", "before", "free"),
    [
        ("day", "2026-03-03 23:59", "2026-03-04 00:00"),
        ("week", "2026-03-08 23:59", "2026-03-09 00:00"),
        ("month", "2026-03-31 23:59", "2026-04-01 00:00"),
    ],
)
def test_a_calendar_cap_begins_anew_at_local_midnight(
    unit: Literal["day", "week", "month"], before: str, free: str
) -> None:
    """Weeks begin on Monday."""
    one = cap(1, Calendar(unit))
    contacts = [sent("2026-03-03 12:00")]

    assert free_at(one, contacts, before) == free
    assert free_at(one, contacts, free) is None


def test_an_open_message_counts_whatever_its_age() -> None:
    """Reserved in January, not answered by the provider yet."""
    assert free_at(cap(1), [reserved("2026-01-02 10:00")], "2026-03-02 10:00") is not None


def test_a_cap_counts_only_its_channel_and_category() -> None:
    """A push does not fill the e-mail's counter, nor a service message the promotional one."""
    push = sent("2026-03-02 10:00", channel="push")
    service = sent("2026-03-02 10:00", category="service")
    now = at("2026-03-02 12:00")

    def full(one: Cap, contact: Contact, channel: str = "email") -> bool:
        found = first_full([one], [contact], channel, "promotional", now, BERLIN)
        return found is not None

    assert not full(cap(1, channel="email"), push)
    assert full(cap(1), push)
    assert not full(cap(1, channel="push"), push)
    assert full(cap(1, channel="push"), push, channel="push")
    assert not full(cap(1, category="promotional"), service)
    assert full(cap(1), service)


def test_the_day_the_clocks_go_back_has_25_hours() -> None:
    """Once per day: sent at 00:30, still full 24 hours later at 23:30 of the same day."""
    one = cap(1, Calendar("day"))
    start = at("2026-10-25 00:30")
    contacts = [Contact("d", start, start, "email", "promotional", "welcome")]

    full = first_full([one], contacts, "email", "promotional", start + 24 * HOUR - 1, BERLIN)

    assert full is not None
    assert full.free == start + 24 * HOUR + HOUR // 2


times = st.integers(0, 40 * DAY)


@given(st.integers(1, 4), st.integers(1, 10), st.lists(times, max_size=8), times)
def test_when_a_slot_is_free_it_is_free_and_no_earlier(
    count: int, days: int, sent_at: list[int], now: int
) -> None:
    """At ``free`` the cap has a slot; one microsecond before it has not."""
    one = cap(count, Rolling(Duration(micros=days * DAY)))
    contacts = [Contact(str(i), t, t, "email", "p", "j") for i, t in enumerate(sent_at) if t <= now]

    full = first_full([one], contacts, "email", "p", now, BERLIN)

    if full is not None:
        assert first_full([one], contacts, "email", "p", full.free, BERLIN) is None
        assert first_full([one], contacts, "email", "p", full.free - 1, BERLIN) is not None
