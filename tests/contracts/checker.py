"""Holds requests against a provider's own contract, and objects to what the contract does not know.

Schemas take anything they do not mention; a misspelt field would be ignored by the provider just
as quietly. So every object that lists its properties is taken to list all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

__all__ = ["Contract", "Discovery"]

_HERE = Path(__file__).parent


class Contract:
    """One document of the folder."""

    def __init__(self, name: str) -> None:
        document = json.loads((_HERE / name).read_text(encoding="utf-8"))
        assert isinstance(document, dict)
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


def _strict(node: Any, *, part: bool = False) -> Any:
    """The same, but that objects take nothing they do not list. ``part`` is of something larger:
    what one part does not list, another may.
    """
    match node:
        case Mapping():
            made = {
                key: _strict(value, part=key in ("allOf", "oneOf", "anyOf"))
                for key, value in node.items()
            }
            if node.get("nullable") is True and isinstance(node.get("type"), str):
                made["type"] = [node["type"], "null"]
            lists = "properties" in node and isinstance(node["properties"], Mapping)
            if lists and "additionalProperties" not in node and not part:
                made["unevaluatedProperties"] = False
            return made
        case list():
            return [_strict(each, part=part) for each in node]
        case _:
            return node


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
