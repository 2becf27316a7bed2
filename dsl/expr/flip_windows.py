"""Which rows of a window decide when it changes: those next to its edges."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Context, Happened
from dsl.expr.flip_parts import Parts, joined
from dsl.expr.flip_search import soonest

__all__ = ["Between", "each_row"]

_Passes = Callable[[Context], bool] | None


def each_row(rows: Iterable[Happened], parts: Parts, context: Context) -> Instant | None:
    """When any of the rows may begin or cease to be counted."""
    ahead = context.another()
    found: list[Instant | None] = []
    for row in rows:
        ahead.candidate = row
        found.append(joined(parts, ahead, every=True))
    return soonest(*found)


class Between(NamedTuple):
    """A window: tests of a row that say whether it is late enough, and early enough.

    Wherever the edges go, they come to a row only over those that lie between. So it is enough to
    look at the first and the last row inside, and at the nearest one on either side.
    """

    begin: Parts
    end: Parts

    def changes(
        self, rows: Sequence[Happened], passes: _Passes, context: Context, *, one_will_do: bool
    ) -> Instant | None:
        """When the rows inside may be others; with ``one_will_do``, when there may be one where
        there was none, or none where there was one. Only those that pass count; ``rows`` are in
        the order of time.
        """
        if not rows:
            return None
        ahead = context.another()
        parts = [*self.begin, *self.end]

        def holds(tests: Parts, row: Happened) -> bool:
            ahead.candidate = row
            return all(test(ahead) for test, _ in tests)

        def nearest(indexes: Iterable[int]) -> list[Happened]:
            for at in indexes:
                ahead.candidate = rows[at]
                if passes is None or passes(ahead):
                    return [rows[at]]
            return []

        first = bisect_left(rows, True, key=lambda row: holds(self.begin, row))
        last = bisect_left(rows, True, key=lambda row: not holds(self.end, row))
        if last < first:  # it ends before it begins
            return each_row(rows, parts, context)
        inside = nearest(range(first, last)) + nearest(range(last - 1, first - 1, -1))
        if one_will_do and inside:
            leaving = [each_row([row], parts, context) for row in inside]
            return None if None in leaving else max(at for at in leaving if at is not None)
        beside = nearest(range(first - 1, -1, -1)) + nearest(range(last, len(rows)))
        return each_row([*inside, *beside], parts, context)
