"""The plain parts of a call: ids, records, sizes; and how what somebody sent is shown back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = [
    "CONTROL",
    "LONGEST_ID",
    "Wrong",
    "check_size",
    "id_of",
    "message_id",
    "printable",
    "record",
]

LONGEST_ID = 256  # characters

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 100


class Wrong(Exception):
    """One sentence for the sender."""


def check_size(call: object, largest: int) -> None:
    """Refuses what is too large."""
    try:
        size = len(orjson.dumps(call))
    except orjson.JSONEncodeError as error:  # only what is nested more than 254 deep
        raise Wrong("This event is nested too deeply.") from error
    if size > largest:
        raise Wrong(f"This event is larger than {largest // 1024} KB.")


def id_of(call: Mapping[str, Any], key: str) -> str | None:
    """An id as text, without blanks around it; None if there is none."""
    value = call.get(key)
    if isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable():
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > LONGEST_ID:
        raise Wrong(f'"{key}" must be text of at most {LONGEST_ID} characters.')
    if CONTROL.search(value):
        raise Wrong(f'"{key}" must be text without control characters.')
    return value.strip() or None


def message_id(call: object) -> str | None:
    """How a call that is refused is named to its sender."""
    value = call.get("messageId") if isinstance(call, dict) else None
    return printable(value) if isinstance(value, str) else None


def record(call: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object in the call; an empty one if there is none."""
    value = call.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Wrong(f'"{key}" must be a JSON object.')
    return value


def printable(text: str) -> str:
    """The beginning of what somebody sent, as it may be shown."""
    shown = text[:_LONGEST_NAME]
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)
