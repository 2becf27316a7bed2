"""What a page of the catalogue holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """One code. ``wrong`` and ``right`` are keys of files, by the path of the file they stand in;
    empty if there is nothing to show.
    """

    code: str
    title: str
    says: str
    why: str
    wrong: Mapping[str, str]
    right: Mapping[str, str]
    family: str = ""  # the file it stands in: names, rules, warnings
