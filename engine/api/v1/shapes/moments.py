"""Moments and values as programs get them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dsl import kinds
from dsl.calendar import Instant, to_datetime
from dsl.plan import Field

__all__ = ["moment", "moment_or_none", "plain_values"]

_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def moment(at: Instant) -> datetime:
    """A moment. One that no calendar knows (a date far from now, in an attribute) is the nearest."""
    try:
        return to_datetime(at)
    except (OverflowError, ValueError):
        return _LATEST if at > 0 else _EARLIEST


def moment_or_none(at: Instant | None) -> datetime | None:
    """The same for what may not have happened."""
    return None if at is None else moment(at)


def plain_values(values: Mapping[str, Any], plan: Mapping[str, Field]) -> dict[str, Any]:
    """Attributes or properties as they are kept, but for moments, which are written out. Amounts are
    in the smallest unit of their currency.
    """
    return {name: _plain(value, plan.get(name)) for name, value in values.items()}


def _plain(value: Any, known: Field | None) -> Any:
    is_moment = known is not None and isinstance(known.kind, kinds.Instant)
    if is_moment and isinstance(value, int) and not isinstance(value, bool):
        return moment(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): _plain(each, None) for key, each in value.items()}
    return value
