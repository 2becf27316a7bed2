"""Holds requests against a provider's own contract, and objects to what the contract does not know.

Schemas take anything they do not mention; a misspelt field would be ignored by the provider just
as quietly. So every object that lists its properties is taken to list all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

__all__ = ["Contract", "Discovery"]

_HERE = Path(__file__).parent


class Contract:
    """One document of the folder."""

    def __init__(self, name: str, patch: str = "") -> None:
        document = _read(name)
        for change in _read(patch) if patch else ():
            _apply(change, document)
        self.document = document
        self._strict = _strict(document)

    def mistakes(self, pointer: str, value: object) -> list[str]:
        """What is wrong with a value, by the schema at a JSON pointer (``#/components/…``)."""
        schema = {**self._strict, "$ref": pointer}
        found = Draft202012Validator(schema).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in found]

    def body_of(self, path: str, kind: str = "application/json", method: str = "post") -> str:
        """Where the schema of an operation's request body is."""
        steps = ("paths", path, method, "requestBody", "content", kind, "schema")
        return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def _read(name: str) -> Any:
    return json.loads((_HERE / name).read_text(encoding="utf-8"))


def _apply(change: Mapping[str, Any], document: Any) -> None:
    """One operation of a JSON patch (RFC 6902), of the kinds there are."""
    *outer, last = change["path"].strip("/").split("/")
    for step in outer:
        document = document[int(step)] if isinstance(document, list) else document[step]
    match change["op"]:
        case "remove":
            del document[last]
        case "add" | "replace":
            document[last] = change["value"]
        case other:
            raise ValueError(other)


def _strict(document: Any) -> Any:
    """The same, but that objects take nothing they do not list."""
    return _closed(document, "#", {*_parts(document)})


def _closed(node: Any, place: str, parts: set[str], *, part: bool = False) -> Any:
    """``part`` is of something larger: what one part does not list, another may."""
    match node:
        case Mapping():
            made = {
                key: _closed(
                    value, f"{place}/{key}", parts, part=key in ("allOf", "oneOf", "anyOf")
                )
                for key, value in node.items()
            }
            if node.get("nullable") is True and isinstance(node.get("type"), str):
                made["type"] = [node["type"], "null"]
            lists = isinstance(node.get("properties"), Mapping) or isinstance(
                node.get("allOf"), list
            )
            is_part = part or place in parts
            if lists and not is_part and "additionalProperties" not in node:
                made["unevaluatedProperties"] = False
            return made
        case list():
            return [_closed(each, f"{place}/{n}", parts, part=part) for n, each in enumerate(node)]
        case _:
            return node


def _parts(node: Any) -> Iterator[str]:
    """Where the schemas are that others are made from."""
    match node:
        case Mapping():
            for each in node.get("allOf", ()):
                if isinstance(each, Mapping) and "$ref" in each:
                    yield each["$ref"]
            for value in node.values():
                yield from _parts(value)
        case list():
            for value in node:
                yield from _parts(value)
        case _:
            return


class Discovery(Contract):
    """A discovery document of Google's, whose schemas refer to each other by name alone."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._strict = _strict({"schemas": _named(self.document["schemas"])})


def _named(node: Any) -> Any:
    match node:
        case Mapping():
            made = {key: _named(value) for key, value in node.items()}
            if isinstance(node.get("$ref"), str):
                made["$ref"] = f"#/schemas/{node['$ref']}"
            return made
        case list():
            return [_named(each) for each in node]
        case _:
            return node
