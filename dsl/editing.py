"""What a journey says of people who are inside while it is edited."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Removed"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A step of an earlier version: who is in it goes on at the step ``then``; None: leaves."""

    step: str
    then: str | None
