"""Plain values as YAML that a person can read."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["written"]

_PLAIN = re.compile(r"[A-Za-z0-9=+][^\n\"']*", re.ASCII)


def written(value: object) -> str:
    """A mapping or a list as the text of a file."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: object) -> list[str]:
    match value:
        case Mapping():
            return [line for key, each in value.items() for line in _entry(f"{key}:", each)]
        case list():
            return [line for each in value for line in _item(each)]
        case _:
            return [_scalar(value)]


def _entry(key: str, value: object) -> list[str]:
    if isinstance(value, Mapping | list) and value:
        return [key, *[f"  {line}" for line in _lines(value)]]
    return [f"{key} {_scalar(value)}"]


def _item(value: object) -> list[str]:
    first, *others = _lines(value)
    return [f"- {first}", *[f"  {line}" for line in others]]


def _scalar(value: object) -> str:
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return "[]"
    text = str(value)
    plain = _PLAIN.fullmatch(text) and ": " not in text and " #" not in text
    return text if plain and not text.endswith((":", " ")) else _quoted(text)


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
