"""Which of several rates is the best one, as far as what was counted can tell.

A rate of which ``reached`` of ``counted`` were seen is Beta(1 + reached, 1 + the rest). The chance
that it is the highest of all is an integral over its density and the others' distributions, taken
here by Gauss-Legendre quadrature: no randomness, so the same counts always say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, lgamma, log, log1p, sqrt
from typing import NamedTuple

__all__ = ["Rate", "chances_of_being_best", "mean"]


class Rate(NamedTuple):
    """How often something was reached, of how often it could have been."""

    reached: int
    counted: int


def mean(rate: Rate) -> float:
    """The mean of what the rate may be: a half as long as nothing has been counted."""
    return (rate.reached + 1) / (rate.counted + 2)


def chances_of_being_best(rates: Sequence[Rate]) -> tuple[float, ...]:
    """For each rate, how likely it is that it is the highest one. They add up to 1."""
    if len(rates) < 2:
        return (1.0,) * len(rates)
    curves = [_Curve.of(rate) for rate in rates]
    edges = sorted({edge for curve in curves for edge in curve.edges()})
    below = [0.0] * len(curves)  # the distribution of each at the left edge
    chances = [0.0] * len(curves)
    for left, right in pairwise(edges):
        width = right - left
        points = [left + width * node for node in _NODES]
        logs = [(log(x), log1p(-x)) for x in points]
        densities = [curve.densities(logs) for curve in curves]
        reaches = [
            [
                start + width * sum(a * f for a, f in zip(row, density, strict=True))
                for row in _INNER
            ]
            for start, density in zip(below, densities, strict=True)
        ]
        for at, weight in enumerate(_WEIGHTS):
            for mine, density in enumerate(densities):
                product = density[at]
                for other, reach in enumerate(reaches):
                    if other != mine:
                        product *= reach[at]
                chances[mine] += width * weight * product
        for each, density in enumerate(densities):
            below[each] += width * sum(w * f for w, f in zip(_WEIGHTS, density, strict=True))
    total = sum(chances)
    return tuple(chance / total for chance in chances)


# Where the density of a rate is looked at, in standard deviations from its mean. It is far longer
# on the right: of a rate that was never reached, the density falls like an exponential.
_STEPS = (-9.0, -6.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 14.0, 21.0)


class _Curve(NamedTuple):
    """The density of a rate."""

    hits: int
    misses: int
    scale: float

    @classmethod
    def of(cls, rate: Rate) -> _Curve:
        hits, misses = rate.reached, rate.counted - rate.reached
        return cls(hits, misses, lgamma(hits + misses + 2) - lgamma(hits + 1) - lgamma(misses + 1))

    def edges(self) -> list[float]:
        """Where to cut the line, so that the density is smooth between two cuts."""
        one, other = self.hits + 1, self.misses + 1
        both = one + other
        centre = one / both
        spread = sqrt(one * other / (both * both * (both + 1)))
        return [min(1.0, max(0.0, centre + step * spread)) for step in _mirrored(centre)]

    def densities(self, logs: Sequence[tuple[float, float]]) -> list[float]:
        """At points given by the logarithms of x and of 1 - x."""
        return [exp(self.scale + self.hits * here + self.misses * there) for here, there in logs]


def _mirrored(centre: float) -> tuple[float, ...]:
    """The long side is the one with more room."""
    return _STEPS if centre < 0.5 else tuple(-step for step in reversed(_STEPS))


# Gauss-Legendre on [0, 1] with six points: the points, their weights, and for each point the
# weights of the integral from 0 up to it (the coefficients of the collocation method of order 12).
_HALF = (0.2386191860831969086, 0.6612093864662645136, 0.9324695142031520278)
_NODES = tuple((1 + x) / 2 for x in (-_HALF[2], -_HALF[1], -_HALF[0], *_HALF))


def _lagrange(index: int) -> list[float]:
    """The coefficients, lowest first, of the polynomial that is 1 at one point and 0 at the rest."""
    made = [1.0]
    for other, node in enumerate(_NODES):
        if other == index:
            continue
        scale = _NODES[index] - node
        shifted = [0.0, *made]
        made = [
            (high - node * low) / scale for high, low in zip(shifted, [*made, 0.0], strict=True)
        ]
    return made


def _integral(polynomial: Sequence[float], upto: float) -> float:
    return sum(part * upto ** (power + 1) / (power + 1) for power, part in enumerate(polynomial))


_BASIS = tuple(tuple(_lagrange(index)) for index in range(len(_NODES)))
_WEIGHTS = tuple(_integral(part, 1.0) for part in _BASIS)
_INNER = tuple(tuple(_integral(part, node) for part in _BASIS) for node in _NODES)
