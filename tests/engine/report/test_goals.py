"""A difference is called one only if chance does not explain it."""

from __future__ import annotations

import pytest

from engine.report.goals import compare
from engine.simulate.tally import Arm, JourneyTally


def counted(live: tuple[int, int], holdout: tuple[int, int]) -> JourneyTally:
    return JourneyTally(
        live=Arm(converted=live[0], runs=live[1]),
        holdout=Arm(converted=holdout[0], runs=holdout[1]),
    )


def test_nobody_is_no_comparison() -> None:
    assert compare(JourneyTally()) is None


def test_without_a_holdout_there_is_one_share() -> None:
    found = compare(counted((30, 100), (0, 0)))

    assert found is not None
    assert found.live == pytest.approx(30)
    assert found.holdout is None
    assert found.words == "Nobody was held out to compare with."


def test_a_few_people_are_too_few() -> None:
    found = compare(counted((500, 1000), (1, 29)))

    assert found is not None
    assert found.words == "Too few people to compare."
    assert found.low is None


def test_a_clear_difference_is_more_than_chance() -> None:
    found = compare(counted((400, 1000), (300, 1000)))

    assert found is not None
    assert found.words == (
        "10.0 percentage points more than among those held out. That is more than chance"
        " (between +5.8 and +14.2)."
    )


def test_a_small_difference_may_be_chance() -> None:
    found = compare(counted((290, 1000), (30, 100)))

    assert found is not None
    assert found.words.startswith("1.0 percentage points fewer than among those held out. That may")
    assert "\N{MINUS SIGN}" in found.words


def test_everybody_in_both_arms_leaves_no_doubt_and_no_difference() -> None:
    found = compare(counted((50, 50), (40, 40)))

    assert found is not None
    assert "may be chance" in found.words
