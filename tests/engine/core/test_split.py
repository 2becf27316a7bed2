"""What is drawn is a hash: the vectors of the language reference, section 4.9."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from dsl.calendar import Duration, from_datetime
from dsl.machine import Blocking, Path, Policy, Split
from engine.core.split import bucket, choose, globally_held_out

POLICY = Policy(
    name="shop",
    zone="Europe/Berlin",
    languages=("en",),
    currency="EUR",
    holidays=frozenset(),
    channels=MappingProxyType({}),
    categories=MappingProxyType({}),
    quiet=(),
    caps=(),
    blocking=Blocking(),
    arbitration=None,
    holdout=Decimal("0.05"),
    reshuffle=Duration(months=3),
    accept_for_waits=Duration(micros=0),
    ignore_for_starts=Duration(days=1),
)


@pytest.mark.parametrize(
    ("scope", "unit", "expected"),
    [
        ("cart_abandonment/holdout", "u1", 0.243963),
        ("trial_onboarding/hello_test", "u1", 0.237746),
        ("welcome/story_test", "ada@example.com", 0.125039),
    ],
)
def test_the_published_vectors(scope: str, unit: str, expected: float) -> None:
    """Any implementation draws the same."""
    assert bucket(scope, unit) == pytest.approx(expected, abs=1e-6)


def test_a_split_keeps_its_shares_and_everybody_their_path() -> None:
    """Over 20,000 people the shares are met within two percent, and asking again is the same."""
    split = Split(
        "test", (Path("a", Decimal("0.7"), 1), Path("b", Decimal("0.3"), 2)), "welcome/test"
    )
    people = [f"person-{n}" for n in range(20_000)]

    drawn = [choose(split, person).name for person in people]

    assert drawn == [choose(split, person).name for person in people]
    assert drawn.count("a") / len(drawn) == pytest.approx(0.7, abs=0.02)


def test_shares_that_lose_a_hair_to_rounding_still_take_everybody() -> None:
    """Three thirds of 0.333 leave nobody without a path."""
    third = Decimal("0.333")
    split = Split("t", tuple(Path(n, third, 1) for n in "abc"), "welcome/thirds")

    assert all(choose(split, f"person-{n}").name in "abc" for n in range(5_000))


def test_the_global_holdout_is_drawn_anew_each_period() -> None:
    """The same people within a quarter, others in the next one, about five percent in each."""
    people = [f"person-{n}" for n in range(10_000)]

    def held(day: str) -> set[str]:
        now = from_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC))
        return {person for person in people if globally_held_out(POLICY, person, now)}

    january, march, april = held("2026-01-02"), held("2026-03-30"), held("2026-04-02")

    assert january == march
    assert len(january & april) < len(january) / 5
    assert len(january) == pytest.approx(500, abs=75)


def test_a_holdout_that_is_never_reshuffled_stays() -> None:
    """Without ``reshuffle`` the same people are held out for ever."""
    policy = replace(POLICY, reshuffle=None)
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)

    assert all(
        globally_held_out(policy, f"p{n}", from_datetime(old))
        == globally_held_out(policy, f"p{n}", from_datetime(new))
        for n in range(1_000)
    )
