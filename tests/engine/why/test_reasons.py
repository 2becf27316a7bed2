"""The closed lists of reasons: what a project may name, and what people read, are the same."""

from __future__ import annotations

from dsl import scenario
from engine.why.reasons import LEFT, NOT_ENTERED, NOT_SENT


def test_every_reason_has_words() -> None:
    assert set(scenario.OUTCOMES) == set(LEFT)
    assert set(scenario.NOT_STARTED) == set(NOT_ENTERED)
    assert set(scenario.NOT_SENT) == set(NOT_SENT) - {"taken out", "unknown", "arbitration"}
