"""Fingerprints: the same meaning has the same one, whatever the order of files and keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

__all__ = [
    "canonical",
    "fingerprint",
]


def canonical(value: Any) -> Any:
    """``value`` as plain JSON data: dataclasses by name and fields; callables and
    places left out.
    """
    if is_dataclass(value) and not isinstance(value, type):
        data = {"is": type(value).__name__}
        for part in fields(value):
            if part.compare and part.name != "place":  # where it stands means nothing
                data[part.name] = canonical(getattr(value, part.name))
        return data
    if isinstance(value, Mapping | MappingProxyType):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [canonical(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted((canonical(item) for item in value), key=repr)
    if isinstance(value, Decimal | date | time):
        return str(value)
    return value


def fingerprint(value: Any) -> str:
    """Sixteen hex digits that change when the meaning of ``value`` may have changed."""
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
