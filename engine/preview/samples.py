"""Values that somebody might have, invented from their names and kinds: the least that is known of
a person, the usual, and the longest one has to reckon with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, assert_never

from dsl import kinds
from dsl.calendar import DAY, HOUR, Instant, to_datetime
from dsl.currencies import minor_units
from dsl.kinds import Kind
from dsl.plan import Field

__all__ = ["PICTURE", "SIZES", "Size", "sample", "samples"]

Size: TypeAlias = Literal["least", "usual", "longest"]

SIZES: Final[tuple[Size, ...]] = ("usual", "least", "longest")

PICTURE = "https://shop.example/picture.png"
"""Where a picture of nobody's is; pages show one of their own in its place."""

_ITEMS: Mapping[Size, int] = MappingProxyType({"least": 1, "usual": 2, "longest": 5})
_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "first_name": ("Bo", "Ada", "Maximiliane-Charlotte"),
        "last_name": ("Li", "Lovelace", "von Hohenlohe-Waldenburg"),
        "name": ("Tea", "Green tea from Uji", "Hand-picked first-flush green tea from Uji, 250 g"),
        "email": ("a@shop.example", "ada@shop.example", "maximiliane-charlotte@mail.shop.example"),
        "phone": ("+4930123456", "+4915112345678", "+4915112345678"),
        "city": ("Ulm", "Hamburg", "Garmisch-Partenkirchen"),
        "country": ("DE", "DE", "DE"),
    }
)
_USUAL = ("id", "product_id", "name", "title", "image_url", "link", "url")
"""Fields of a record that nobody has declared."""

_LONG = ", which has a rather long name so that one sees what becomes of it"
_WHOLE = {"least": 1, "usual": 3, "longest": 12345}
_SHARES = ("discount", "percent", "share")


def samples(
    fields: Mapping[str, Field], size: Size, now: Instant, language: str = ""
) -> dict[str, Any]:
    """Values at rest for these fields. The least has only what is required."""
    return {
        name: language if name == "language" and language else sample(name, field.kind, size, now)
        for name, field in fields.items()
        if (size != "least" or field.required) and name != "time_zone"
    }


def sample(name: str, kind: Kind, size: Size, now: Instant) -> Any:
    """A value at rest that something called ``name`` might have."""
    match kind:
        case kinds.Text() | kinds.Code():
            return _text(name, size, code=isinstance(kind, kinds.Code))
        case kinds.OneOf(values):
            ordered = sorted(values, key=len)
            return {"least": ordered[0], "usual": values[0], "longest": ordered[-1]}[size]
        case kinds.Whole():
            usual = 10 if any(word in name for word in _SHARES) else _WHOLE["usual"]
            longest = 100 if any(word in name for word in _SHARES) else _WHOLE["longest"]
            return {"least": 1, "usual": usual, "longest": longest}[size]
        case kinds.Number():
            return {"least": 1, "usual": "4.5", "longest": "12345.67"}[size]
        case kinds.Money(currency):
            whole = {"least": 100, "usual": 4990, "longest": 1234567}[size]
            digits = minor_units(currency)
            return whole * 10**digits // 100
        case kinds.YesNo():
            return True
        case kinds.Date():
            return (to_datetime(now) + timedelta(days=9)).date().isoformat()
        case kinds.TimeOfDay():
            return "18:30"
        case kinds.Instant():
            return now - now % HOUR + 2 * DAY
        case kinds.Length():
            return [0, {"least": 1, "usual": 3, "longest": 21}[size], 0, 0]
        case kinds.ListOf(item):
            return [sample(_singular(name), item, size, now) for _ in range(_ITEMS[size])]
        case kinds.Record(()):
            return {each: _text(each, size, code=False) for each in _USUAL}
        case kinds.Record(fields):
            return {each: sample(each, own, size, now) for each, own in fields}
        case _:
            assert_never(kind)


def _text(name: str, size: Size, *, code: bool) -> str:
    if "image" in name or "picture" in name:
        return PICTURE
    if name.endswith(("link", "url")) or name in {"link", "url"}:
        return f"https://shop.example/{name.rpartition('_')[0] or 'page'}"
    words = _WORDS.get(name) or next(
        (_WORDS[known] for known in ("email", "phone", "name") if name.endswith(known)), None
    )
    if words is not None:
        return words[("least", "usual", "longest").index(size)]
    if code or name.endswith(("_id", "code", "number")):
        return {"least": "1", "usual": "A-1047", "longest": "A-1047-2026-000123"}[size]
    said = name.replace("_", " ").capitalize()
    return said + _LONG if size == "longest" else said


def _singular(name: str) -> str:
    return name.removesuffix("s")
