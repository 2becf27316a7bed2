"""Personal values as nobody needs to see them: as long as they were, and of the same kind.

So a text keeps its length and its letters their width, a rule that asks whether something is known
says the same, and who it is about stays with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl import kinds
from dsl.calendar import DAY, Instant
from dsl.kinds import Kind
from dsl.plan import Field
from dsl.sms import forcing

__all__ = ["masked"]

_YEAR = 365 * DAY


def masked(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values with those masked that are personal. What the plan does not know goes."""
    return {
        name: _mask(value, fields[name].kind) if fields[name].personal else value
        for name, value in values.items()
        if name in fields
    }


def _mask(value: Any, kind: Kind) -> Any:
    match kind, value:
        case _, None | bool():
            return value
        case kinds.OneOf(values), _:
            return values[0]
        case kinds.Text() | kinds.Code(), str():
            return _text(value)
        case kinds.Date(), str():
            return f"{value[:4]}-01-01"
        case kinds.TimeOfDay(), str():
            return "12:00"
        case kinds.Instant(), int():
            return _rounded_down(value)
        case ((kinds.Whole() | kinds.Money() | kinds.Number()), int() | str()):
            number = "".join(
                "0" if at and char.isdigit() else char for at, char in enumerate(str(value))
            )
            return number if isinstance(value, str) else int(number)
        case kinds.ListOf(item), list() | tuple():
            return [_mask(each, item) for each in value]
        case kinds.Record(), Mapping():
            return {
                name: _mask(each, inner)
                for name, each in value.items()
                if (inner := kind.field(name)) is not None
            }
        case _:
            return None  # a length of time: nothing of it is left


def _text(text: str) -> str:
    """The first letter, stars, and whatever makes a text message wider."""
    wide = set(forcing(text))
    return "".join(
        char if at == 0 or not char.isalnum() or char in wide else "*"
        for at, char in enumerate(text)
    )


def _rounded_down(moment: Instant) -> Instant:
    return moment - moment % _YEAR
