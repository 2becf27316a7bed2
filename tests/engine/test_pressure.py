"""How many may come in, and when the others are to come back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import SECOND, Instant
from engine.pressure import Pressure


class Queue:
    """What waits behind a door, and a runner that takes some of it each second."""

    def __init__(self, most: int, rate: int) -> None:
        self.time: Instant = 0
        self.waiting = 0
        self.rate = rate
        self.pressure = Pressure(most, lambda: self.time)

    def offer(self, count: int) -> int | None:
        seconds = self.pressure.admit(count)
        if seconds is None:
            self.waiting += count
        return seconds

    def second(self) -> None:
        self.time += SECOND
        self.waiting = max(0, self.waiting - self.rate)
        self.pressure.count(lambda: self.waiting)


def test_all_may_come_in_below_the_limit_and_nobody_beyond_it() -> None:
    queue = Queue(100, rate=10)

    assert [queue.offer(60), queue.offer(60)] == [None, None]
    assert queue.offer(1) is not None


def test_a_request_that_is_larger_than_the_limit_can_come_in_too() -> None:
    assert Queue(100, rate=10).offer(5000) is None


def test_the_answer_is_as_long_as_what_waits_will_take() -> None:
    queue = Queue(1000, rate=100)
    queue.offer(2000)
    queue.second()
    queue.second()
    queue.second()

    assert queue.offer(100) == 8  # 700 beyond the limit, and their own 100
    for _ in range(8):
        assert queue.offer(100) is not None
        queue.second()
    assert queue.offer(100) is None


def test_those_who_were_put_off_before_come_first() -> None:
    queue = Queue(1000, rate=100)
    queue.offer(1100)
    queue.second()

    assert [queue.offer(100), queue.offer(100), queue.offer(100)] == [1, 2, 3]


def test_without_a_pace_it_is_said_in_round_figures() -> None:
    queue = Queue(10, rate=0)
    queue.offer(10)
    assert queue.offer(1) == 2

    queue.second()
    assert queue.offer(1) == 300


def test_what_was_admitted_while_it_was_counted_is_not_forgotten() -> None:
    queue = Queue(100, rate=0)

    def ask() -> int:
        assert queue.offer(100) is None
        return 0

    queue.time += SECOND
    queue.pressure.count(ask)

    assert queue.offer(1) is not None


def test_an_idle_runner_is_no_slow_one() -> None:
    queue = Queue(1000, rate=500)
    queue.offer(2000)
    queue.second()
    while queue.waiting:
        queue.second()
    for _ in range(100):
        queue.second()
    queue.offer(1400)

    assert queue.offer(100) == 1


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60))
def test_never_more_than_the_limit_and_one_request_wait(script: list[tuple[int, bool]]) -> None:
    queue = Queue(100, rate=30)
    for count, passes in script:
        seconds = queue.offer(count)

        assert queue.waiting <= 100 + 50
        assert seconds is None or 1 <= seconds <= 300
        if passes:
            queue.second()
