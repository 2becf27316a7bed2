"""The filters and tests that texts may use. Closed lists (``dsl.message``): none reaches Python,
none makes more than a text can hold.

A filter that turns a value into text is given the ``writer``, so that ``{{ total | upper }}``
is the amount as the reader sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from jinja2.runtime import Undefined

from channels.content.writing import Unwritable, Writer
from channels.content.written import Amount, Fields, absent

__all__ = ["FILTERS", "TESTS", "WRITERS", "concat"]

_LONGEST = 10_000


def _bounded(text: str) -> str:
    if len(text) > _LONGEST:
        raise Unwritable("the text grows too long")
    return text


def concat(parts: tuple[Any, ...], *, writer: Writer) -> str:
    """What ``~`` does."""
    return _bounded("".join([writer.single(part) for part in parts]))


def _default(value: Any, instead: Any = "", falsy: bool = False) -> Any:
    if isinstance(value, Undefined) or (falsy and not value):
        return instead
    return value


def _upper(value: Any, *, writer: Writer) -> str:
    return _bounded(writer.single(value)).upper()


def _lower(value: Any, *, writer: Writer) -> str:
    return _bounded(writer.single(value)).lower()


def _title(value: Any, *, writer: Writer) -> str:
    words = _bounded(writer.single(value)).split(" ")
    return " ".join(word[:1].upper() + word[1:].lower() for word in words)


def _capitalize(value: Any, *, writer: Writer) -> str:
    text = _bounded(writer.single(value))
    return text[:1].upper() + text[1:].lower()


def _trim(value: Any, *, writer: Writer) -> str:
    return writer.single(value).strip()


def _replace(value: Any, old: Any, new: Any, *, writer: Writer) -> str:
    text, sought, put = _bounded(writer.single(value)), writer.single(old), writer.single(new)
    if len(text) + text.count(sought) * len(put) > _LONGEST:
        raise Unwritable("the text grows too long")
    return text.replace(sought, put)


def _truncate(value: Any, length: Any = 255, *, writer: Writer) -> str:
    """Cuts at the last blank before ``length`` and puts three dots there."""
    text, most = writer.single(value), _whole(length)
    if len(text) <= most:
        return text
    head = text[: max(0, most - 1)]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip() + "…"


def _join(items: Any, between: Any = "", attribute: str | None = None, *, writer: Writer) -> str:
    values = _all(items)
    if attribute is not None:
        values = tuple(_field(item, attribute) for item in values)
    glue = writer.single(between)
    if len(glue) * len(values) > _LONGEST:
        raise Unwritable("the text grows too long")
    return _bounded(glue.join([writer.single(value) for value in values]))


def _plural(value: Any, *forms: Any, writer: Writer) -> str:
    """The form of a word that goes with a number, of those that the language has, in the order of
    CLDR: one, other; in Polish one, few, many. The last one serves for all that are not given.
    """
    if not forms:
        raise Unwritable("plural takes the forms of a word")
    form = writer.formats.plural(Decimal(_number(value)), writer.locale)
    return writer.single(forms[min(form, len(forms) - 1)])


def _length(value: Any) -> int:
    if isinstance(value, tuple | list | str):
        return len(value)
    return len(_all(value))


def _first(items: Any) -> Any:
    values = _all(items)
    return values[0] if values else absent("the first item")


def _last(items: Any) -> Any:
    values = _all(items)
    return values[-1] if values else absent("the last item")


def _sum(items: Any, attribute: str | None = None) -> Any:
    values = [item if attribute is None else _field(item, attribute) for item in _all(items)]
    numbers = [_number(value) for value in values]
    currencies = {value.currency for value in values if isinstance(value, Amount)}
    if not currencies:
        return sum(numbers)
    if len(currencies) > 1 or not all(isinstance(value, Amount) for value in values):
        raise Unwritable("amounts of one currency can be added, and nothing else to them")
    return Amount.of(sum(numbers, Decimal(0)), currencies.pop())


def _round(value: Any, digits: Any = 0) -> Any:
    number, places = _number(value), _whole(digits)
    if not 0 <= places <= 10:
        raise Unwritable("round takes 0 to 10 digits")
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if isinstance(value, Amount):
        return Amount.of(rounded, value.currency)
    return int(rounded) if places == 0 else rounded


def _abs(value: Any) -> Any:
    number = _number(value)
    number = -number if number < 0 else number
    return Amount.of(number, value.currency) if isinstance(value, Amount) else number


def _all(items: Any) -> tuple[Any, ...]:
    if isinstance(items, Undefined):
        str(items)  # raises, with the name
    if not isinstance(items, tuple | list):
        raise Unwritable("this is not a list")
    return tuple(items)


def _field(item: Any, name: str) -> Any:
    if not isinstance(item, Fields):
        raise Unwritable(f"the items have no {name}")
    return item.read(name)


def _number(value: Any) -> Decimal | int:
    if isinstance(value, Undefined):
        str(value)  # raises, with the name
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise Unwritable("this is not a number")
    if isinstance(value, int):
        return value
    return Decimal(value) if isinstance(value, Decimal) else Decimal(str(value))


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise Unwritable("this takes a whole number")
    return int(number)


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": _abs,
        "capitalize": _capitalize,
        "count": _length,
        "d": _default,
        "default": _default,
        "first": _first,
        "join": _join,
        "last": _last,
        "length": _length,
        "lower": _lower,
        "plural": _plural,
        "replace": _replace,
        "round": _round,
        "sum": _sum,
        "title": _title,
        "trim": _trim,
        "truncate": _truncate,
        "upper": _upper,
    }
)

WRITERS = frozenset(
    {"capitalize", "join", "lower", "plural", "replace", "title", "trim", "truncate", "upper"}
)
"""The filters that are given a ``writer``."""

TESTS: Mapping[str, Callable[..., bool]] = MappingProxyType(
    {
        "defined": lambda value: not isinstance(value, Undefined),
        "undefined": lambda value: isinstance(value, Undefined),
        "none": lambda value: isinstance(value, Undefined),
        "even": lambda value: _whole(value) % 2 == 0,
        "odd": lambda value: _whole(value) % 2 == 1,
    }
)
