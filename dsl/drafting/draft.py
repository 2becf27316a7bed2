"""Calls in, a tracking plan out (language reference, "The tracking plan").

What is drafted takes every call it was drafted from: nothing in it is a guess that its own data
contradicts. What cannot be declared is left out, and said in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.compile.naming import check_root
from dsl.drafting.deciding import Amounts, Declared, LeftOut, apart, can_be_called, declare
from dsl.drafting.seen import Seen
from dsl.drafting.writing import fields, quoted
from dsl.plan import BUILT_IN_EVENTS, camel
from dsl.yaml import same_key

__all__ = ["Draft", "Drafter"]

_OURS = "message_"
_DEEPEST_CURRENCY = 5
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """The file, and how much there is in it."""

    text: str
    events: int
    attributes: int
    left_out: int


class Drafter:
    """Looks at calls in the Segment spec, one after the other. ``currency`` is the one of amounts
    beside which none is said.
    """

    def __init__(self, currency: str = "") -> None:
        self._currency = currency
        self._traits: dict[str, Seen] = {}
        self._events: dict[str, Seen] = {}
        self._currencies: set[str] = set()
        self.ignored = 0

    def add(self, call: object) -> None:
        """One call. ``ignored`` counts those that are neither what people do nor what is known."""
        kind = call.get("type") if isinstance(call, Mapping) else None
        match kind, call:
            case "identify", {"traits": dict(traits)}:
                for trait, value in traits.items():
                    self._traits.setdefault(_attribute_name(trait), Seen(1)).add(value)
            case "track", {"event": str(name)} if name and not _is_ours(name):
                properties = call.get("properties") if isinstance(call, Mapping) else None
                given = properties if isinstance(properties, dict) else {}
                self._events.setdefault(name, Seen()).add(given)
                self._currencies.update(_currencies(given))
            case _:
                self.ignored += 1

    def draft(self, name: str) -> Draft:
        """The tracking plan of all that was seen."""
        amounts = Amounts(frozenset(self._currencies), self._currency)
        profile = apart(
            _attribute(name, seen, amounts) for name, seen in sorted(self._traits.items())
        )
        taken = {same_key(name) for name in (*BUILT_IN_EVENTS, *(each.name for each in profile))}
        lines = [
            "# Drafted from data: read it, and correct what it could not know.",
            "# type, then flags.   required = always present.   personal = masked in logs and previews.",
            f"tracking plan: {quoted(name)}",
            "",
            "profile:",
            *fields(profile, "  "),
        ]
        declared = [each for each in profile if isinstance(each, Declared)]
        if not declared:
            lines[4] = "profile: {}"
        left_out = len(profile) - len(declared)
        lines += ["", "events:"]
        for source, seen in sorted(self._events.items()):
            event = _event_name(source, taken)
            taken.add(same_key(event))
            properties = apart(
                declare(each, values, amounts, of=seen.count)
                for each, values in sorted(seen.fields.items())
            )
            left_out += sum(isinstance(each, LeftOut) for each in properties)
            lines += _event(event, source, properties)
        if not self._events:
            lines[-1] = "events: {}"
        return Draft("\n".join(lines) + "\n", len(self._events), len(declared), left_out)


def _attribute_name(trait: str) -> str:
    """``firstName`` is the attribute ``first_name``."""
    name = _snake(trait)
    return name if camel(name) == trait else trait


def _attribute(name: str, seen: Seen, amounts: Amounts) -> Declared | LeftOut:
    if not can_be_called(name, check_root, "an attribute"):
        return LeftOut(name, "it cannot be the name of an attribute")
    return declare(name, seen, amounts, of_people=True)


def _event(name: str, source: str, properties: Sequence[Declared | LeftOut]) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    from: {quoted(source)}"
    if any(isinstance(each, Declared) for each in properties):
        yield "    has:"
    yield from fields(properties, "      ")


def _event_name(source: str, taken: set[str]) -> str:
    """``Order Completed`` is ``order_completed``, if nothing else is."""
    name = _snake(source)
    if not can_be_called(name, check_root, "an event") or _is_ours(name):
        name = f"event_{name}".rstrip("_")
    found, number = name, 2
    while same_key(found) in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _snake(text: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip()).lower()
    return re.sub(r"\W+", "_", parted).strip("_")[:_LONGEST_NAME]


def _is_ours(name: str) -> bool:
    return name.startswith(_OURS) or name in BUILT_IN_EVENTS


def _currencies(value: Any, depth: int = 0) -> Iterator[str]:
    """Every currency that is said anywhere in the properties of an event."""
    if depth > _DEEPEST_CURRENCY:
        return
    match value:
        case dict():
            said = value.get("currency")
            if isinstance(said, str) and said.strip():
                yield said.strip().upper()
            for each in value.values():
                yield from _currencies(each, depth + 1)
        case list():
            for each in value:
                yield from _currencies(each, depth + 1)
        case _:
            return
