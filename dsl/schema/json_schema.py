"""The key tables as JSON Schema (draft 7, which every editor reads).

Made when it is asked for, so it cannot fall behind the tables. Keys stand in their canonical
spelling; other spellings of an optional key are let through by a pattern, so that an editor
proposes one spelling and marks none that the language accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

from dsl.files.scenarios import BECAUSE_NOT, SCRIPT
from dsl.files.shape import Row, Written
from dsl.schema.places import (
    KINDS,
    Chosen,
    Either,
    Entries,
    Fields,
    Leaf,
    ListOf,
    Place,
    place_of,
)

__all__ = ["Json", "any_file_schema", "file_schema"]

Json: TypeAlias = "str | int | bool | Mapping[str, Json] | list[Json]"
_Object: TypeAlias = dict[str, Json]

_DRAFT = "http://json-schema.org/draft-07/schema#"

_HINTS: Mapping[str, str] = {
    "rule": 'A rule: country is "DE" and did purchase in the last 30 days',
    "where": "A rule about the event: its properties by their names",
    "value": "A value; after = a formula",
    "formula": "A value in the rule language: trigger.cart_id",
    "moment": "A moment (tomorrow at 09:00), or a rule",
    "length": "A length of time: 2 hours 30 minutes",
    "schedule": "every Friday at 08:00",
    "channel_choice": "A channel, with a rule if it is not for everybody: push if points > 100",
    "cap": "4 per 7 days about promotional",
    "reentry": "never, any time, or: after 7 days",
    "span": "21:00 to 08:00",
    "repeat": "up to 3 times",
    "blocked": "next channel, wait [up to 12 hours] or skip",
    "type": "A type with its flags: text, required; after = a formula over events",
    "text": "A text; {{ first_name }} puts a value in",
    "uses": "journey NAME",
}


def file_schema(kind: str) -> _Object:
    """The schema of one kind of file, by its first key. Raises ``KeyError`` for any other."""
    table = KINDS[kind]
    writer = _Writer()
    root = writer.ref(table)
    return {"$schema": _DRAFT, "title": _title(kind, table), **root, "definitions": writer.made}


def any_file_schema() -> _Object:
    """One schema for all kinds of files: the first key says which one it is."""
    writer = _Writer()
    ways: list[Json] = [
        {"title": _title(kind, table), **writer.ref(table)} for kind, table in KINDS.items()
    ]
    return {
        "$schema": _DRAFT,
        "title": "A file of a Wayline project",
        "type": "object",
        "anyOf": ways,
        "definitions": writer.made,
    }


class _Writer:
    """Collects the definitions that one schema needs, each once."""

    def __init__(self) -> None:
        self.made: _Object = {}

    def ref(self, table: type[Written]) -> _Object:
        name = f"{table.__module__.rsplit('.', 1)[-1]}.{table.__name__}"
        if name not in self.made:
            self.made[name] = {}  # taken, while its own parts are written
            self.made[name] = self._table(table)
        return {"$ref": f"#/definitions/{name}"}

    def _table(self, table: type[Written]) -> _Object:
        properties: _Object = {}
        spellings: _Object = {}
        needed: list[Json] = []
        for key, row in table.table().items():
            made_row = self._row(table, row)
            properties[key] = made_row
            spellings[_other_spellings(key)] = made_row
            if row.needed:
                needed.append(key)
        if table is SCRIPT["expect sent"]:
            spellings[f"^{BECAUSE_NOT} .+$"] = {
                "description": "Why this channel was passed over",
                "type": "string",
            }
        made: _Object = {
            "title": _sentence(table),
            "type": "object",
            "properties": properties,
            "patternProperties": spellings,
            "additionalProperties": False,
        }
        if needed:
            made["required"] = needed
        return made

    def _row(self, table: type[Written], row: Row) -> _Object:
        place = place_of(table, row.key)
        means = row.means
        if isinstance(place, Leaf) and place.sort in _HINTS and not place.only:
            means = f"{means}.\n{_HINTS[place.sort]}"
        form = self.place(place)
        if "$ref" in form:  # in draft 7 nothing beside a reference counts
            form = {"allOf": [form]}
        return {"title": row.key, "description": means, **form}

    def place(self, place: Place) -> _Object:
        """What may stand in a place."""
        match place:
            case Leaf():
                return _leaf(place)
            case Fields(tables, empty):
                forms = [self.ref(one) for one in tables]
                return _any([*forms, _NOTHING] if empty else forms)
            case Chosen(what, tables):
                forms = [self.ref(one) for one in tables.values()]
                alone: list[Json] = [
                    verb for verb, one in tables.items() if _stands_alone(verb, one)
                ]
                if alone:
                    forms.append({"enum": alone})
                return {"title": f"A {what}", **_any(forms)}
            case Entries(each):
                inner = self.place(each)
                return {"type": "object", "additionalProperties": inner}
            case ListOf(each):
                return {"type": "array", "items": self.place(each)}
            case Either(ways):
                return _any(self.place(way) for way in ways)
            case _:
                assert_never(place)


_NOTHING: _Object = {"type": "null"}
_SCALAR: _Object = {"type": ["string", "number", "boolean"]}
_OPEN = frozenset({"any", "fact", "value", "type"})


def _leaf(leaf: Leaf) -> _Object:
    if leaf.sort in _OPEN and not leaf.several:
        return {}
    one: _Object = dict(_SCALAR)
    if leaf.only:
        values: list[Json] = [*leaf.words, *_as_flags(leaf.words)]
        one = {"anyOf": [{"enum": values}, {"pattern": _any_case(leaf.words)}]}
    elif leaf.words:
        one = {"anyOf": [{"enum": list(leaf.words)}, _SCALAR]}
    return {"anyOf": [one, {"type": "array", "items": one}]} if leaf.several else one


def _stands_alone(verb: str, table: type[Written]) -> bool:
    """Whether the key says it all, so that it may be written without a colon: ``divider``."""
    place = place_of(table, verb)
    return isinstance(place, Leaf) and place.sort == "any"


def _as_flags(words: Iterable[str]) -> list[Json]:
    """``yes`` and ``no`` as a YAML reader with types may hand them over."""
    return [word == "yes" for word in words if word in ("yes", "no")]


def _any(ways: Iterable[_Object]) -> _Object:
    made = list(ways)
    return made[0] if len(made) == 1 else {"anyOf": list(made)}


def _other_spellings(key: str) -> str:
    """A pattern for a key written with other capitals, or with ``_``, ``-`` or nothing between its
    words.
    """
    return f"^(?!{re.escape(key).replace(chr(92) + ' ', ' ')}$){_spelling(key)}$"


def _spelling(words: str) -> str:
    parts = re.split(r"[ _-]+", words)
    return "[ _-]*".join("".join(_letter(char) for char in part) for part in parts)


def _letter(char: str) -> str:
    return f"[{char.upper()}{char.lower()}]" if char.upper() != char.lower() else re.escape(char)


def _any_case(words: Iterable[str]) -> str:
    return f"^({'|'.join(_spelling(word) for word in words)})$"


def _sentence(table: type[Written]) -> str:
    return (table.__doc__ or table.__name__).strip().splitlines()[0].rstrip(".")


def _title(kind: str, table: type[Written]) -> str:
    return f"{kind}: {_sentence(table)}"
