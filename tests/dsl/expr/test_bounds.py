"""The ends of windows, and lengths that lead out of the calendar."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY, HOUR, MINUTE
from tests.dsl.expr.asking import NOW, ask, event, somebody, value


@pytest.mark.parametrize("ahead", [1, MINUTE, HOUR, 2 * HOUR, 3 * HOUR])
@pytest.mark.parametrize("length", ["1 day", "24 hours", "1 week", "1 month"])
def test_what_is_still_to_come_is_not_in_the_last_days(length: str, ahead: int) -> None:
    """An event can be dated a little ahead of us. It counts from its own time on."""
    who = somebody(event("purchase", NOW + ahead, 1, total=5000))

    assert ask(f"did purchase in the last {length}", who) is False
    assert ask(f"count of purchase in the last {length} is 0", who) is True
    assert ask(f"did purchase where total > 1 EUR in the last {length}", who) is False
    assert value(f"first purchase.total in the last {length}", who) is None
    assert value(f"sum of purchase.total in the last {length}", who) == 0
    assert ask(f"last_seen_at is within the last {length}", somebody(last_seen_at=NOW + ahead)) is (
        False
    )


def test_more_than_all_time_is_all_time() -> None:
    who = somebody(event("purchase", NOW - 700 * DAY, 1))

    for length in ("900 years", "29999 working days", "260000 working days", "366000 days"):
        assert ask(f"did purchase in the last {length}", who) is True, length
        assert ask(f"count of purchase in the last {length} is 1", who) is True, length


@pytest.mark.parametrize(
    "length", [[0, 1, 0, 2**62], [0, 0, 0, 2**80], [-(10**6), 0, 0, 0], [0, 10**9, 0, 0]]
)
def test_a_moment_outside_the_calendar_is_missing(length: list[int]) -> None:
    who = somebody(refill_interval=length, last_seen_at=NOW)

    assert value("last_seen_at + refill_interval", who) is None
    assert value("last_seen_at - refill_interval", who) is None
    assert ask("time since last_seen_at > refill_interval", who) is False
