"""Lines that were not taken: which, and why, in a file beside; and of what they say, only what is
nobody's business but everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from dsl.plan import TrackingPlan
from engine.importing.columns import Columns, What
from engine.importing.rows import Row
from engine.operator import OperatorError

__all__ = ["Masks", "RejectedFile", "RejectedLine"]

HIDDEN = "…"
_OPEN = frozenset({"event", "timestamp"})
_LONGEST = 80  # characters of a cell


class RejectedLine(NamedTuple):
    """A line, by its number, why it was not taken, and what may be shown of it."""

    line: int
    reason: str
    shown: Mapping[str, Any]


class Masks:
    """What may be shown of a line: its columns, and the cells that the tracking plan knows and does
    not call personal. Nobody can know what is in the others.
    """

    def __init__(self, columns: Columns | None, plan: TrackingPlan, what: What) -> None:
        self._open: set[str] = set()
        self._columns = columns
        if columns is None:
            return
        fields = [plan.attributes] if what == "people" else []
        if what != "people":
            fields += [each.properties for each in plan.events.values()]
        for column, place in columns.places.items():
            named = place[-1]
            about = [each[named] for each in fields if named in each]
            declared = bool(about) and not any(field.personal for field in about)
            if place[0] in _OPEN or (
                declared and len(place) == 2 and named not in ("email", "phone")
            ):
                self._open.add(column)

    def shown(self, row: Row) -> dict[str, Any]:
        """The cells of a line."""
        cells = row.cells
        if row.values and self._columns is not None:
            cells = self._columns.named(row.values)
        return {
            column: _shortened(value) if column in self._open or value in (None, "") else HIDDEN
            for column, value in cells.items()
        }


class RejectedFile:
    """One JSON object for each line, in the order of the file. It is made with the first."""

    def __init__(self, path: Path, kept: int = 0) -> None:
        """Goes on after what is told there of the lines up to ``kept``; later ones are told again."""
        self.path = path
        self.count = 0
        before = self._before(kept) if kept and path.exists() else []
        try:
            if before:
                path.write_bytes(b"".join(before))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(error) from None
        self.count = len(before)

    def add(self, lines: Iterable[RejectedLine]) -> None:
        """Tells of more lines."""
        told = [
            orjson.dumps(
                {"line": each.line, "reason": each.reason, "given": each.shown},
                option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS,
            )
            for each in lines
        ]
        if not told:
            return
        try:
            if not self.count:
                self.path.touch(mode=0o600)
            with self.path.open("ab") as file:
                file.writelines(told)
        except OSError as error:
            raise self._trouble(error) from None
        self.count += len(told)

    def _before(self, kept: int) -> list[bytes]:
        """Whole lines only: the last may have been cut off."""
        found: list[bytes] = []
        with self.path.open("rb") as file:
            for line in file:
                try:
                    told = orjson.loads(line)
                except orjson.JSONDecodeError:
                    break
                if told["line"] <= kept:
                    found.append(line)
        return found

    def _trouble(self, error: OSError) -> OperatorError:
        return OperatorError(
            f"{self.path} cannot be written to ({error.strerror}): say with --rejected where the"
            " lines are to go that cannot be taken."
        )


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return value if value is None or isinstance(value, int | float | bool) else HIDDEN
