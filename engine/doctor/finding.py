"""What an examination finds: how it is, and what to do about it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Area", "Finding", "Level", "note", "problem", "well"]

Area: TypeAlias = Literal["machine", "settings", "store", "project", "channels", "domains"]
Level: TypeAlias = Literal["ok", "note", "problem"]
"""``note`` is worth knowing; with a ``problem`` something will not work, or does not already."""


class Finding(NamedTuple):
    """One sentence, and for everything but ``ok`` what to do."""

    area: Area
    level: Level
    says: str
    fix: str = ""


def well(area: Area, says: str) -> Finding:
    """It is as it should be."""
    return Finding(area, "ok", says)


def note(area: Area, says: str, fix: str) -> Finding:
    """It works, and could be better."""
    return Finding(area, "note", says, fix)


def problem(area: Area, says: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(area, "problem", says, fix)
