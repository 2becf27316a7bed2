"""What a journey did for its goal: the people in it against those held out."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from engine.simulate.tally import Arm, JourneyTally

__all__ = ["Comparison", "compare"]

_CERTAIN = 1.96  # standard errors: 95 of 100 times the truth lies within
_FEWEST = 30


class Comparison(NamedTuple):
    """Shares in percent. ``words`` says what the difference is worth; ``low`` and ``high`` are the
    bounds of the difference in percentage points.
    """

    live: float
    holdout: float | None
    low: float | None
    high: float | None
    words: str


def compare(journey: JourneyTally) -> Comparison | None:
    """None if nobody was counted."""
    live, held = journey.live, journey.holdout
    if not live.runs:
        return None
    if not held.runs:
        return Comparison(_share(live), None, None, None, "Nobody was held out to compare with.")
    if min(live.runs, held.runs) < _FEWEST:
        words = "Too few people to compare."
        return Comparison(_share(live), _share(held), None, None, words)
    difference = _share(live) - _share(held)
    doubt = _CERTAIN * sqrt(_variance(live) + _variance(held)) * 100
    low, high = difference - doubt, difference + doubt
    return Comparison(_share(live), _share(held), low, high, _verdict(difference, low, high))


def _share(arm: Arm) -> float:
    return 100 * arm.converted / arm.runs


def _variance(arm: Arm) -> float:
    share = arm.converted / arm.runs
    return share * (1 - share) / arm.runs


def _verdict(difference: float, low: float, high: float) -> str:
    points = f"{abs(difference):.1f} percentage points {'more' if difference >= 0 else 'fewer'}"
    between = f"between {low:+.1f} and {high:+.1f}".replace("-", "\N{MINUS SIGN}")
    if low > 0 or high < 0:
        return f"{points} than among those held out. That is more than chance ({between})."
    return f"{points} than among those held out. That may be chance ({between})."
