"""The chance of being the best, held against what is known of it in other ways."""

from __future__ import annotations

from math import exp, lgamma, log
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.beta import Rate, chances_of_being_best, mean


def better(one: Rate, other: Rate) -> float:
    """The chance that ``one`` is above ``other``: a finite sum, for whole numbers."""

    def beta(a: int, b: int) -> float:
        return lgamma(a) + lgamma(b) - lgamma(a + b)

    a, b = other.reached + 1, other.counted - other.reached + 1
    c, d = one.reached + 1, one.counted - one.reached + 1
    return sum(exp(beta(a + i, b + d) - log(d + i) - beta(1 + i, d) - beta(a, b)) for i in range(c))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([Rate(0, 0), Rate(0, 0)], [0.5, 0.5]),
        ([Rate(1, 1), Rate(0, 0)], [2 / 3, 1 / 3]),
        ([Rate(1, 1), Rate(0, 1)], [5 / 6, 1 / 6]),
        ([Rate(3, 9)] * 4, [0.25] * 4),
        ([Rate(2, 2), Rate(0, 0), Rate(0, 0)], [3 / 5, 1 / 5, 1 / 5]),
        ([Rate(7, 10)], [1.0]),
        ([], []),
    ],
)
def test_known_values(rates: list[Rate], expected: list[float]) -> None:
    assert chances_of_being_best(rates) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=200)
@given(
    st.tuples(st.integers(0, 20_000), st.floats(0, 1)),
    st.tuples(st.integers(0, 20_000), st.floats(0, 1)),
)
def test_of_two_it_is_the_finite_sum(one: tuple[int, float], other: tuple[int, float]) -> None:
    rates = [Rate(int(n * part), n) for n, part in (one, other)]

    first, second = chances_of_being_best(rates)

    assert first == pytest.approx(better(rates[0], rates[1]), abs=1e-7)
    assert first + second == pytest.approx(1)


@pytest.mark.parametrize(
    "rates",
    [
        [Rate(30, 1000), Rate(42, 1000), Rate(38, 900)],
        [Rate(0, 3), Rate(1, 5), Rate(500, 10_000), Rate(2, 2)],
        [Rate(999, 1000), Rate(98, 100), Rate(0, 0)],
    ],
)
def test_of_several_it_is_what_drawing_comes_to(rates: list[Rate]) -> None:
    """Twenty thousand draws each, with a seed: three standard errors are one per cent."""
    random, draws = Random(7), 20_000
    wins = [0] * len(rates)
    for _ in range(draws):
        drawn = [random.betavariate(r.reached + 1, r.counted - r.reached + 1) for r in rates]
        wins[drawn.index(max(drawn))] += 1

    expected = [won / draws for won in wins]

    assert chances_of_being_best(rates) == pytest.approx(expected, abs=0.011)


def test_a_million_seen_leave_no_doubt_and_raise_nothing() -> None:
    sure = chances_of_being_best([Rate(51_000, 1_000_000), Rate(50_000, 1_000_000), Rate(0, 10**9)])

    assert sure[0] == pytest.approx(0.9994, abs=0.0005)
    assert sure[2] == pytest.approx(0, abs=1e-12)


def test_the_mean_of_what_nobody_has_seen_is_a_half() -> None:
    assert mean(Rate(0, 0)) == 0.5
    assert mean(Rate(3, 8)) == 0.4
