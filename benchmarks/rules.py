"""How much a compiled rule costs against the same rule written by hand in Python.

``python -m benchmarks.rules`` prints a line for each rule and the median of the ratios. Both are
asked about the same person in turns, and the best of several rounds counts, so that what else the
machine does falls on both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from timeit import Timer
from typing import NamedTuple

from benchmarks.by_hand import BY_HAND
from benchmarks.shop import person, scope
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.expr.context import Context
from dsl.source import Text

__all__ = ["Measured", "Table", "main", "run"]

GOAL = 3.0

_ROUNDS = 7
_LOOPS = 2_000


class Measured(NamedTuple):
    """One rule: nanoseconds per evaluation, and how many times the one by hand it takes."""

    rule: str
    compiled: float
    by_hand: float

    @property
    def ratio(self) -> float:
        return self.compiled / self.by_hand


@dataclass(frozen=True, slots=True)
class Table:
    """All rules that were measured."""

    lines: tuple[Measured, ...]

    @property
    def median(self) -> float:
        """The ratio that half of the rules stay under."""
        return median(one.ratio for one in self.lines)


def run(rounds: int = _ROUNDS, loops: int = _LOOPS) -> Table:
    """Measures every rule there is by hand. Raises if the two do not agree about the person."""
    where, who = scope(), person()
    results = []
    for text, by_hand in BY_HAND.items():
        found: list[Diagnostic] = []
        rule = compile_rule(Text.of(text), where, found)
        if rule is None:
            raise ValueError(f"{text}: {found[0].message}")
        if rule.holds(who) is not by_hand(who):
            raise ValueError(f"{text}: compiled says {rule.holds(who)}, by hand {by_hand(who)}")
        compiled_time = hand_time = float("inf")
        for _ in range(rounds):
            compiled_time = min(compiled_time, _time(rule.holds, who, loops))
            hand_time = min(hand_time, _time(by_hand, who, loops))
        results.append(Measured(text, compiled_time, hand_time))
    return Table(tuple(results))


def _time(function: Callable[[Context], bool], who: Context, loops: int) -> float:
    timer = Timer("function(who)", globals={"function": function, "who": who})
    return timer.timeit(loops) / loops * 1e9


def main() -> int:
    """Prints the table; fails if the median is over the goal."""
    table = run()
    if "--json" in sys.argv:
        ratios = {one.rule: round(one.ratio, 3) for one in table.lines}
        print(json.dumps({"median": round(table.median, 3), "goal": GOAL, "ratios": ratios}))
        return int(table.median > GOAL)
    print(f"{'compiled':>10}  {'by hand':>10}  {'ratio':>5}  rule")
    for one in sorted(table.lines, key=lambda one: one.ratio):
        print(f"{one.compiled:>7.0f} ns  {one.by_hand:>7.0f} ns  {one.ratio:>5.2f}  {one.rule}")
    print(
        f"\n{len(table.lines)} rules, median {table.median:.2f} times the rule by hand"
        f" (goal: at most {GOAL:.0f})"
    )
    return int(table.median > GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
