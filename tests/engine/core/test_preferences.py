"""A person's own limit is a limit of the calendar week, over what needs their consent; their pause
holds until its instant. The latest word counts, in whatever order the words arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, Duration, Instant, add, local
from dsl.expr.context import Happened
from dsl.machine import Category, ConsentNotNeeded, ConsentRequired
from engine.core.preferences import limit_of, preferred, wishes, withheld_by
from engine.core.profile import Contact, Preferences, Profile

BERLIN = ZoneInfo("Europe/Berlin")
NOW: Instant = 1_772_355_600_000_000  # Sunday 2026-03-01, 10:00 in Berlin
CATEGORIES = {
    "promotional": Category(
        "promotional", ConsentRequired(), frozenset({"frequency caps"}), "hold"
    ),
    "service": Category("service", ConsentNotNeeded(), frozenset(), "hold"),
}


def contact(sent: Instant | None, category: str = "promotional") -> Contact:
    return Contact("d", NOW - 30 * DAY if sent is None else sent, sent, "email", category, "j")


def withheld(said: Preferences, *contacts: Contact, now: Instant = NOW) -> Instant | str | None:
    found = withheld_by(said, contacts, CATEGORIES, now, BERLIN)
    return None if found is None else found.until or found.detail


def test_the_week_is_that_of_the_calendar_and_what_is_open_always_counts() -> None:
    """It is Sunday; the week began on Monday and ends tonight, fourteen hours from now."""
    two = Preferences(at_most=2, said=1)
    midnight = NOW + 14 * HOUR

    assert withheld(two, contact(NOW - HOUR)) is None
    assert withheld(two, contact(NOW - HOUR), contact(NOW - 2 * HOUR)) == midnight
    assert withheld(two, contact(NOW - HOUR), contact(NOW - 8 * DAY)) is None
    assert withheld(two, contact(NOW - HOUR), contact(None)) == midnight
    assert withheld(two, contact(NOW), contact(NOW), now=midnight) is None


def test_what_needs_no_consent_does_not_count_and_what_nobody_knows_does() -> None:
    one = Preferences(at_most=1, said=1)

    assert withheld(one, contact(NOW - HOUR, "service")) is None
    assert withheld(one, contact(NOW - HOUR, "gone")) == NOW + 14 * HOUR


def test_none_at_all_is_a_limit_that_no_time_lifts() -> None:
    assert withheld(Preferences(at_most=0, said=1)) == "the person's own limit: at most 0 per week"


def test_a_pause_ends_at_its_instant() -> None:
    paused = Preferences(paused_until=NOW, said=1)

    assert withheld(paused, now=NOW - 1) == NOW
    assert withheld(paused) is None
    found = withheld_by(paused, (), CATEGORIES, NOW - 1, BERLIN)
    assert found is not None
    assert found.detail == "the person's own pause, until 1 March 2026, 10:00"


def said(at: Instant, **properties: object) -> Happened:
    return Happened("preferences_set", at, at, 0, properties)


def test_the_latest_word_counts_in_whatever_order_they_arrive() -> None:
    """Of one instant, the stricter part of each."""
    words = [
        said(1, at_most_per_week=5, paused_until=90),
        said(3, at_most_per_week=7),
        said(3, at_most_per_week=4, paused_until=40),
        said(3, paused_until=50),
    ]

    for order in permutations(words):
        profile = Profile("ada")
        for word in order:
            profile = preferred(profile, word)
        assert profile.preferences == Preferences(4, 50, 3)


@pytest.mark.parametrize("wrong", ["2", None, 1.5, [], {"a": 1}])
def test_what_is_no_number_is_no_limit(wrong: object) -> None:
    """Nothing that gets into history may raise."""
    profile = preferred(Profile("ada"), said(1, at_most_per_week=wrong, paused_until=wrong))

    assert profile.preferences == Preferences(None, None, 1)


def test_less_than_nothing_is_nothing() -> None:
    assert preferred(Profile("ada"), said(1, at_most_per_week=-3)).preferences.at_most == 0


def test_wishes_in_words() -> None:
    assert wishes(Preferences(1, NOW, 1), BERLIN) == [
        "at most 1 message a week",
        "none until 1 March 2026, 10:00",
    ]
    assert wishes(Preferences(said=1), BERLIN) == []


def test_reports_count_peoples_own_limits_together() -> None:
    assert limit_of("3 per 7 days, policy.yaml:14") == "3 per 7 days, policy.yaml:14"
    assert limit_of("the person's own limit: at most 2 per week") == "people's own limits"
    assert limit_of("the person's own pause, until 1 March 2026, 10:00") == "people's own pauses"


_SENT = st.lists(st.integers(NOW - 20 * DAY, NOW), max_size=12)


@given(_SENT, st.integers(1, 4), st.integers(NOW, NOW + 20 * DAY))
def test_whoever_sends_whenever_it_is_free_never_exceeds_the_limit(
    sent: Sequence[Instant], most: int, now: Instant
) -> None:
    """At the instant at which it says that a slot is free, one is; and never a moment before."""
    preferences = Preferences(at_most=most, said=1)
    contacts = [contact(each) for each in sorted(sent)]
    week = _week(now)

    found = withheld_by(preferences, contacts, CATEGORIES, now, BERLIN)
    there = [each for each in sent if _week(each) == week]
    assert (found is not None) == (len(there) >= most)
    if found is not None:
        assert found.until is not None
        assert withheld_by(preferences, contacts, CATEGORIES, found.until, BERLIN) is None
        assert withheld_by(preferences, contacts, CATEGORIES, found.until - 1, BERLIN) is not None
        assert found.until <= add(now, Duration(days=7), BERLIN)


def _week(at: Instant) -> tuple[int, int]:
    return local(at, BERLIN).isocalendar()[:2]
