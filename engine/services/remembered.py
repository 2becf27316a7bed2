"""Answers of web services that are still good: the same question need not be asked again.

They are kept in memory and by the process, so that what somebody was told is nowhere else; and no
more of them than a process can carry.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from dsl.calendar import Instant
from dsl.machine import Service

__all__ = ["Remembered"]

_MOST = 5_000


class Remembered:
    """Answers by question. A question is its service, as the policy has it, and what that is told."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._answers: OrderedDict[tuple[str, str, bytes], tuple[Instant, Mapping[str, Any]]]
        self._answers = OrderedDict()

    def find(
        self, service: Service, values: Mapping[str, Any], now: Instant
    ) -> Mapping[str, Any] | None:
        """What was answered, if that is still good."""
        until, answer = self._answers.get(_key(service, values), (now, None))
        return answer if now < until else None

    def keep(
        self, service: Service, values: Mapping[str, Any], answer: Mapping[str, Any], now: Instant
    ) -> None:
        """Takes an answer down, if its service says for how long it is good."""
        if service.good_for is None:
            return
        key = _key(service, values)
        self._answers[key] = now + service.good_for.micros, answer
        self._answers.move_to_end(key)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)


def _key(service: Service, values: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """What the service is told is not kept, only what it is known by: it may be about a person."""
    told = orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return service.name, service.address, sha256(told).digest()
