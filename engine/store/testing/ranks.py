"""Numbers of the log may have gaps, and where they are is each store's own: what must be the same
is their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

__all__ = ["ranked"]


def ranked(answer: Any) -> Any:
    """An answer of a store with every number of the log replaced by its rank in this answer."""
    ranks = {number: rank for rank, number in enumerate(sorted(set(_numbers(answer))))}
    return _with(answer, ranks)


def _numbers(value: Any) -> Iterator[int]:
    if _is_of_the_log(value):
        yield value.number
    for part in _parts(value):
        yield from _numbers(part)


def _is_of_the_log(value: Any) -> bool:
    """Whether it is an arrival or an event: they alone are received and have a number."""
    return isinstance(value, tuple) and hasattr(value, "number") and hasattr(value, "received")


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif is_dataclass(value):
        yield from (getattr(value, field.name) for field in fields(value))


def _with(value: Any, ranks: Mapping[int, int]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with(part, ranks) for key, part in value.items()}
    if isinstance(value, list):
        return [_with(part, ranks) for part in value]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        made: Any = type(value)(*[_with(part, ranks) for part in value])
        return made._replace(number=ranks[made.number]) if _is_of_the_log(value) else made
    if isinstance(value, tuple):
        return tuple(_with(part, ranks) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _with(getattr(value, f.name), ranks) for f in fields(value)}
        )
    return value
