"""Declared fields: ``text, required`` and what else a name can be declared as."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.kinds import (
    Code,
    Date,
    Instant,
    Kind,
    Length,
    ListOf,
    Money,
    Number,
    OneOf,
    Record,
    TimeOfDay,
    Whole,
    YesNo,
)
from dsl.kinds import Text as TextKind
from dsl.plan import Field
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Items, Map, Node

__all__ = ["FLAGS", "FLAGS_OF_PEOPLE", "fields_record", "read_field", "read_fields"]

_SIMPLE: Mapping[str, Kind] = MappingProxyType(
    {
        "number": Number(),
        "whole number": Whole(),
        "text": TextKind(),
        "code": Code(),
        "yes/no": YesNo(),
        "date": Date(),
        "time of day": TimeOfDay(),
        "date and time": Instant(),
        "duration": Length(),
        "record": Record(()),
    }
)
_TYPES = (*_SIMPLE, "money EUR", "one of a / b / c", "list of text")
FLAGS = ("required", "personal")
FLAGS_OF_PEOPLE = (*FLAGS, "sensitive")

NameCheck = Callable[[Text, str, list[Diagnostic]], bool]


def read_fields(
    node: Map,
    what: str,
    found: list[Diagnostic],
    check: NameCheck = check_name,
    flags: tuple[str, ...] = FLAGS,
) -> Mapping[str, Field]:
    """The fields declared in a map: properties of an event, inputs of a message. ``flags`` are
    those that may stand behind a type.
    """
    made = {}
    for entry in node:
        if check(entry.key, what, found):
            made[str(entry.key)] = read_field(entry.key, entry.value, found, flags)
    return MappingProxyType(made)


def fields_record(fields: Mapping[str, Field]) -> Record:
    """The kind of a record with these fields."""
    return Record(tuple((name, field.kind) for name, field in fields.items()))


def read_field(
    name: Text, node: Node, found: list[Diagnostic], allowed: tuple[str, ...] = FLAGS
) -> Field:
    """One declaration. With a finding it is a text, so that rules can still name it."""
    if isinstance(node, Map):
        return Field(str(name), _record(node, found))
    if isinstance(node, Items):
        return Field(str(name), _list(name, node, found))
    parts = [part.trimmed() for part in _split(node, ",")]
    kind = _kind(parts[0], found)
    flags = set()
    for flag in parts[1:]:
        if flag.lower() not in allowed:
            hint = did_you_mean(flag, allowed) or f"Possible here: {', '.join(allowed)}"
            found.append(error("S09", flag.span(), f'"{flag}" is not known after the type.', hint))
        flags.add(flag.lower())
    sensitive = "sensitive" in flags
    return Field(str(name), kind, "required" in flags, "personal" in flags or sensitive, sensitive)


def _record(node: Map, found: list[Diagnostic]) -> Record:
    return fields_record(read_fields(node, "a field", found))


def _list(name: Text, node: Items, found: list[Diagnostic]) -> Kind:
    if len(node) == 1 and isinstance(node.items[0], Map):
        return ListOf(_record(node.items[0], found))
    found.append(
        error(
            "S08",
            node.span(),
            f'"{name}" should be a type, or a list with the fields of one item.',
            f"For example: {name}: list of text",
        )
    )
    return ListOf(TextKind())


def _kind(text: Text, found: list[Diagnostic]) -> Kind:
    words = " ".join(text.split())
    lower = words.lower()
    if lower in _SIMPLE:
        return _SIMPLE[lower]
    if lower.startswith("list of "):
        start = text.lower().index("of") + 2
        return ListOf(_kind(text.part(start).trimmed(), found))
    if lower.startswith("one of "):
        return _one_of(text, found)
    if money := re.fullmatch(r"money ([A-Z]{3})", words):
        return Money(money[1])
    if lower == "money" or lower.startswith("money "):
        hint = "Three capital letters, for example: money EUR"
        found.append(error("T10", text.span(), "An amount needs its currency.", hint))
    else:
        hint = did_you_mean(words, _TYPES) or f"Possible here: {', '.join(_TYPES)}"
        found.append(error("T10", text.span(), f'"{words[:60]}" is not a type.', hint))
    return TextKind()


def _one_of(text: Text, found: list[Diagnostic]) -> Kind:
    listed = text.part(text.lower().index("of") + 2)
    values = [part.trimmed() for part in _split(listed, "/")]
    seen: set[str] = set()
    for value in values:
        if not value:
            found.append(error("T10", value.span(), "A value is missing between the slashes."))
        elif value in seen:
            found.append(error("T10", value.span(), f'"{value}" is listed twice.'))
        seen.add(value)
    return OneOf(tuple(dict.fromkeys(str(value) for value in values if value)))


def _split(text: Text, mark: str) -> list[Text]:
    parts, start = [], 0
    for piece in text.split(mark):
        parts.append(text.part(start, start + len(piece)))
        start += len(piece) + 1
    return parts
