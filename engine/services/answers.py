"""What a web service answered, held against what the policy says it returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from dsl.machine import Service
from dsl.values import Mismatch, at_rest

__all__ = ["read_answer"]


def read_answer(service: Service, said: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Values at rest. What was not promised is left out, and so is what is not of its kind: a
    service that changes must not stop anybody's journey.
    """
    values: dict[str, Any] = {}
    for name, kind in service.returns.items():
        value = at_rest(kind, said.get(name), zone=zone)
        if value is not None and not isinstance(value, Mismatch):
            values[name] = value
    return values
