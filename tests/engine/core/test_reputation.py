"""How often people call messages spam, and what follows from how much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, MINUTE, Instant
from engine.core.gates import Gate
from engine.core.reputation import WINDOWS, Rate, count, is_stopped, judge, rate

NOW: Instant = 1_772_355_600_000_000


def state(*counted: tuple[int, int], ago: Instant = 0, before: Gate | None = None) -> Gate:
    """What follows from (delivered, complained), one every 26 hours, the last of them ``ago``."""
    delivered, complained = Gate(), Gate()
    for place, (sent, told) in enumerate(reversed(counted)):
        at = NOW - ago - place * 26 * HOUR
        delivered, complained = count(delivered, sent, at), count(complained, told, at)
    return judge(before or Gate(), delivered, complained, NOW)


@pytest.mark.parametrize(
    ("delivered", "complained", "level"),
    [
        (10_000, 0, 0),
        (10_000, 9, 0),
        (10_000, 10, 1),
        (10_000, 29, 1),
        (10_000, 30, 2),
        (1000, 1, 1),
        (1000, 2, 1),
        (1000, 3, 2),
        (999, 3, 0),
        (999, 500, 0),
        (1001, 3, 1),
        (0, 5, 0),
        (0, 0, 0),
    ],
)
def test_one_in_a_thousand_warns_and_three_stop(
    delivered: int, complained: int, level: int
) -> None:
    found = state((delivered, complained))

    assert found.failures == level
    assert is_stopped(found) is (level == 2)
    assert (found.since == NOW) is (level > 0)


def test_it_is_said_which_rate_it_is() -> None:
    assert state((10_000, 41)).why == "0.41% (41 of 10,000) in 24 hours"
    assert state((9_000, 40), (1, 0)).why == "0.44% (40 of 9,001) in 7 days"


def test_a_slow_week_counts_as_a_bad_day_does() -> None:
    """Five hundred a day are too few for a day, and not for a week."""
    assert is_stopped(state(*[(500, 2)] * 7))
    assert not is_stopped(state((500, 2)))


def test_who_stopped_is_judged_again_and_goes_on_when_the_rate_has_fallen() -> None:
    stopped = state((10_000, 40))
    later = stopped._replace(shut=NOW)
    still = state((10_000, 40), ago=6 * DAY, before=later)
    over = state((10_000, 40), ago=7 * DAY + HOUR, before=later)
    better = state((10_000, 40), (30_000, 0), before=later)
    too_early = state((10_000, 40), (30_000, 0), before=stopped)

    assert stopped.shut == NOW + 15 * MINUTE
    assert too_early == stopped
    assert is_stopped(still)
    assert still.since == stopped.since
    assert over.failures == 0
    assert (better.failures, better.why) == (1, "0.10% (40 of 40,000) in 7 days")


def test_what_bounced_was_not_delivered() -> None:
    delivered = count(count(Gate(), 1100, NOW), -101, NOW)

    assert rate(delivered, count(Gate(), 3, NOW), DAY, NOW) == Rate(999, 3)
    assert rate(count(Gate(), -5, NOW), Gate(), DAY, NOW) == Rate(0, 0)


_COUNTED = st.lists(
    st.tuples(st.integers(0, 10 * DAY), st.integers(0, 5000), st.integers(0, 12)), max_size=12
)


@given(counted=_COUNTED, data=st.data())
def test_counting_is_in_any_order_and_by_anybody(
    counted: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """What is counted together, apart, or in another order within a window is the same; and it
    stops exactly when one of the windows says so, with as many messages as it takes.
    """
    recent = [each for each in counted if each[0] < 7 * DAY]
    delivered, complained = Gate(), Gate()
    for ago, sent, told in sorted(recent, reverse=True):
        delivered = count(delivered, sent, NOW - ago)
        complained = count(complained, told, NOW - ago)
    other = Gate(), Gate()
    for ago, sent, told in data.draw(st.permutations(recent)):
        half = sent // 2
        other = count(other[0], half, NOW - ago), count(other[1], told, NOW - ago)
        other = count(other[0], sent - half, NOW - ago), other[1]
    found = judge(Gate(), delivered, complained, NOW)
    rates = [rate(delivered, complained, span, NOW) for span in WINDOWS.values()]

    assert rates == [rate(*other, span, NOW) for span in WINDOWS.values()]
    bad = [
        r for r in rates if r.delivered >= 1000 and r.complained >= 3 and r.share >= 0.003 - 1e-12
    ]
    assert is_stopped(found) is bool(bad)


@given(counted=_COUNTED)
def test_nothing_is_kept_longer_than_it_counts(counted: list[tuple[int, int, int]]) -> None:
    gate = Gate()
    for ago, sent, _ in sorted(counted, reverse=True):
        gate = count(gate, sent, NOW - ago)

    assert len(gate.used) <= 7 * 24 + 2
    if gate.used:
        assert gate.matters_until > gate.used[-1][0] + 7 * DAY
