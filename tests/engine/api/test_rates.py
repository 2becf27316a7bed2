"""Buckets: what may come at once, what in the long run, and how long to stay away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import SECOND, Instant
from engine.api.rates import Rates
from engine.core.keys import Key


def key(rate: int, name: str = "a") -> Key:
    return Key("", name, name, "server", ("ingest",), "", 0, rate=rate)


class Watch:
    def __init__(self) -> None:
        self.at: Instant = 0

    def __call__(self) -> Instant:
        return self.at


def test_a_key_without_a_limit_has_none() -> None:
    rates = Rates(Watch())

    assert all(rates.take(key(0), 1_000_000) is None for _ in range(10))


def test_whoever_stays_away_as_long_as_was_said_may_come_back() -> None:
    watch = Watch()
    rates = Rates(watch)
    assert rates.take(key(10), 500) is None  # however large: it is paid for afterwards
    seconds = rates.take(key(10), 1)
    assert seconds == 45
    watch.at += (seconds - 1) * SECOND
    assert rates.take(key(10), 1) is not None
    watch.at += SECOND + 1
    assert rates.take(key(10), 1) is None


def test_one_key_does_not_use_up_what_another_may() -> None:
    rates = Rates(Watch())
    rates.take(key(1, "a"), 100)

    assert rates.take(key(1, "a"), 1) is not None
    assert rates.take(key(1, "b"), 1) is None


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 80)), max_size=60),
)
def test_in_the_long_run_no_more_comes_than_may(
    rate: int, story: list[tuple[Instant, int]]
) -> None:
    """No more than the rate, five seconds' worth at once, and the one batch that goes into debt."""
    watch = Watch()
    rates = Rates(watch)
    taken = 0
    for pause, count in story:
        watch.at += pause
        if rates.take(key(rate), count) is None:
            taken += count
        assert taken <= rate * (5 + watch.at / SECOND) + 80
