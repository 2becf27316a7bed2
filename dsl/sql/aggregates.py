"""Aggregates that SQLite lacks: exact sums, the least and greatest of numbers, different values.

Sums of decimals are rounded to 28 digits at each step, so the order of adding is part of the
result: they are added from the last row to the first, as compiled rules do it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from json import dumps, loads
from types import MappingProxyType
from typing import Any

from dsl.expr import arithmetic, wording
from dsl.sql.numerals import numeral, read_numeral

__all__ = ["AGGREGATES"]


class _Numbers(ABC):
    """Collects the numbers of the rows that have one."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int | Decimal]] = []

    def step(self, value: Any, at: int, number: int) -> None:
        if value is not None:
            self._rows.append((at, number, read_numeral(value)))

    def _latest_first(self) -> list[int | Decimal]:
        return [row[2] for row in sorted(self._rows, key=lambda row: row[:2], reverse=True)]

    @abstractmethod
    def finalize(self) -> int | str | None:
        """The result, as an SQL value."""


class _Sum(_Numbers):
    def finalize(self) -> int | str | None:
        total: int | Decimal = 0
        for value in self._latest_first():
            total = arithmetic.plus(total, value)
        return numeral(total)


class _Average(_Numbers):
    def finalize(self) -> int | str | None:
        total: int | Decimal = 0
        for value in self._latest_first():
            total = arithmetic.plus(total, value)
        found = arithmetic.over(total, len(self._rows))
        return None if found is None else numeral(found)


class _Lowest(_Numbers):
    def finalize(self) -> int | str | None:
        return numeral(min(self._latest_first())) if self._rows else None


class _Highest(_Numbers):
    def finalize(self) -> int | str | None:
        return numeral(max(self._latest_first())) if self._rows else None


class _Unique:
    """The different values in the order of their first coming, as a list at rest."""

    def __init__(self) -> None:
        self._kind = ""
        self._rows: list[tuple[int, int, Any]] = []

    def step(self, value: Any, kind: str, at: int, number: int) -> None:
        self._kind = kind
        if value is not None:
            self._rows.append((at, number, value))

    def finalize(self) -> str | None:
        found: dict[Any, Any] = {}
        for _, _, raw in sorted(self._rows, key=lambda row: row[:2]):
            match self._kind:
                case "text":
                    found.setdefault(wording.fold(raw), raw)
                case "number":
                    value = read_numeral(raw)
                    found.setdefault(value, wording.as_stored(value))
                case "yes/no":
                    found.setdefault(raw, bool(raw))
                case "length":
                    found.setdefault(raw, loads(raw))
                case _:
                    found.setdefault(raw, raw)
        return dumps(list(found.values()), ensure_ascii=False) if found else None


AGGREGATES: MappingProxyType[str, tuple[int, type[Any]]] = MappingProxyType(
    {
        "wayline_sum": (3, _Sum),
        "wayline_average": (3, _Average),
        "wayline_lowest": (3, _Lowest),
        "wayline_highest": (3, _Highest),
        "wayline_unique": (4, _Unique),
    }
)
"""Every aggregate by name, with the number of its arguments."""
