"""From what was seen of a field to how it is declared, or to why it is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from dsl.compile.fields import NameCheck
from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.drafting.seen import Seen
from dsl.kinds import Date, Instant, Kind, Number, Text, TimeOfDay, Whole, YesNo
from dsl.source import Text as Source
from dsl.yaml import same_key

__all__ = [
    "Amounts",
    "Declared",
    "Form",
    "LeftOut",
    "Many",
    "Nested",
    "Simple",
    "apart",
    "can_be_called",
    "declare",
]

_SURE = 10  # seen so often, "always there" and "one of these" are more than a guess
_FEW = 6  # words that make a list of words
_OFTEN = 3  # each of them was seen so often
_WORD = re.compile(r"\w(?:[\w .+&-]*\w)?")
_OF_AMOUNTS = """
amount cost discount fee fees price refund revenue shipping subtotal tax total value
"""
_OF_CODES = "code id key number ref reference sku slug token uuid zip postcode"
_OF_PERSONS = """
address birthday birthdate email firstname fullname ip lastname phone street surname username
"""
_AMOUNTS = frozenset(_OF_AMOUNTS.split())
_CODES = frozenset(_OF_CODES.split())
_PERSONAL = frozenset(_OF_PERSONS.split())
_NAMES: dict[type[Kind], str] = {
    YesNo: "yes/no",
    Whole: "whole number",
    Number: "number",
    Date: "date",
    Instant: "date and time",
    TimeOfDay: "time of day",
    Text: "text",
}


@dataclass(frozen=True, slots=True)
class Simple:
    """``code, required``"""

    words: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of something that has no name of its own."""

    item: Nested


@dataclass(frozen=True, slots=True)
class Nested:
    """A record: its fields, and those that are left out."""

    fields: tuple[Declared | LeftOut, ...]


Form: TypeAlias = Simple | Many | Nested


@dataclass(frozen=True, slots=True)
class Declared:
    """A field as it is written. ``note`` is what its reader may want to change."""

    name: str
    form: Form
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field that cannot be declared, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was said beside amounts of their ``currencies``; ``given`` is the one to take if nothing
    was.
    """

    currencies: frozenset[str] = frozenset()
    given: str = ""

    @property
    def currency(self) -> str:
        """The one currency they are all in; empty if it is not known, or there are several."""
        if len(self.currencies) > 1:
            return ""
        only = next(iter(self.currencies), self.given)
        return only if re.fullmatch("[A-Z]{3}", only) else ""

    @property
    def doubt(self) -> str:
        """Why an amount is only a number."""
        if len(self.currencies) > 1:
            return f"amounts in several currencies: {', '.join(sorted(self.currencies))}"
        return "an amount? for example: money EUR"


def declare(
    name: str, seen: Seen, amounts: Amounts, *, of: int = 0, of_people: bool = False
) -> Declared | LeftOut:
    """The field ``name``, seen in some of ``of`` events, or what it is ``of_people``."""
    if not can_be_called(name, check_name):
        return LeftOut(name, "letters, digits and _ can be a name here")
    found = _form(name, seen, amounts)
    if isinstance(found, str):
        return LeftOut(name, found)
    form, note = found
    if isinstance(form, Simple):
        required = ", required" if of >= _SURE and seen.count == of else ""
        personal = _is_personal(name) or (of_people and name == "name")
        form = Simple(form.words + required + (", personal" if personal else ""))
    return Declared(name, form, note)


def apart(given: Iterable[Declared | LeftOut]) -> tuple[Declared | LeftOut, ...]:
    """Of those whose names a file does not keep apart, the first."""
    names: dict[str, str] = {}
    found: list[Declared | LeftOut] = []
    for each in given:
        first = names.setdefault(same_key(each.name), each.name)
        if isinstance(each, Declared) and first != each.name:
            found.append(LeftOut(each.name, f"it is written like {first}"))
        else:
            found.append(each)
    return tuple(found)


def can_be_called(name: str, check: NameCheck, what: str = "a property") -> bool:
    """Whether the language lets something be called that."""
    found: list[Diagnostic] = []
    return check(Source.of(name), what, found)


def _form(name: str, seen: Seen, amounts: Amounts) -> tuple[Form, str] | str:
    if not seen.count:
        return "it was always empty"
    if len(seen.sorts) > 1:
        told = ", ".join(f"{sort} ({count})" for sort, count in seen.sorts.most_common())
        return f"it was of several sorts: {told}"
    if seen.kinds:
        return _simple(name, seen, seen.kinds[0], amounts)
    if seen.fields and not seen.is_too_deep:
        nested = _nested(seen, amounts)
        if any(isinstance(each, Declared) for each in nested.fields):
            return nested, ""
        return "none of its fields can be declared"
    if seen.item is not None and not seen.is_too_deep:
        return _list(name, seen.item, amounts)
    return "it is nested too deeply" if seen.is_too_deep else "it cannot be stored"


def _simple(name: str, seen: Seen, kind: Kind, amounts: Amounts) -> tuple[Form, str]:
    last = name.lower().rpartition("_")[2]
    if isinstance(kind, Whole | Number) and _words_of(name) & _AMOUNTS and seen.is_amount:
        if amounts.currency:
            return Simple(f"money {amounts.currency}"), ""
        return Simple(_NAMES[type(kind)]), amounts.doubt
    if not isinstance(kind, Text):
        return Simple(_NAMES[type(kind)]), ""
    if last in _CODES or _words_of(name) & {"id", "sku", "uuid"}:
        return Simple("code"), ""
    listed = _listed(seen)
    return (Simple(f"one of {listed}"), "those that were seen") if listed else (Simple("text"), "")


def _listed(seen: Seen) -> str:
    """The few words that come again and again; nothing if they are not few, or not such words."""
    if seen.has_many_words or not 1 < len(seen.words) <= _FEW or seen.count < 2 * _SURE:
        return ""
    if any(often < _OFTEN or not _WORD.fullmatch(word) for word, often in seen.words.items()):
        return ""
    return " / ".join(sorted(seen.words))


def _nested(seen: Seen, amounts: Amounts) -> Nested:
    return Nested(apart(declare(name, each, amounts) for name, each in sorted(seen.fields.items())))


def _list(name: str, item: Seen, amounts: Amounts) -> tuple[Form, str] | str:
    found = _form(name, item, amounts)
    if isinstance(found, str):
        return f"in the list, {found}"
    form, note = found
    match form:
        case Simple(words):
            return Simple(f"list of {words}"), note
        case Nested():
            return Many(form), note
        case Many():
            return "a list of lists of records cannot be written here"


def _words_of(name: str) -> set[str]:
    """``totalPrice`` and ``total_price`` are of ``total`` and ``price``."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)}


def _is_personal(name: str) -> bool:
    return bool(_words_of(name) & _PERSONAL) or name.replace("_", "").lower() in _PERSONAL
