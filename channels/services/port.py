"""The port: what is asked of a web service, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dsl.machine import Service

__all__ = ["Answer", "NoAnswer", "Question", "Services"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a service is told, as plain JSON data. A question asked again has the same ``id``, so
    that the service can know it.
    """

    id: str
    service: Service
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said: a JSON object as it came, not yet held against what the policy promises."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why there is none, in words for people; and whether it is of use to ask ``again``. With
    ``after``, the service wants to be left alone for so many seconds, by everybody.
    """

    reason: str
    again: bool
    after: float | None = None


class Services(Protocol):
    """Asks web services. Raises only for bugs of ours."""

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        """One question, asked once. Comes back within the time-out."""
        ...

    async def close(self) -> None:
        """Ends connections in good order."""
        ...
