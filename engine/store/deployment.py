"""What was deployed, what may become of a deploy, and where people are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from dsl.calendar import Instant

__all__ = ["Deployed", "Deployment", "Residence"]


class Deployment(NamedTuple):
    """A version of a project as it was deployed: its files by path.

    ``number`` is the store's own, ascending. ``machines`` are the versions of its journeys, and
    ``changes`` what was different from the one before, in words.
    """

    version: str
    deployed: Instant
    files: Mapping[str, str]
    number: int = 0
    machines: Mapping[str, str] = MappingProxyType({})
    changes: tuple[str, ...] = ()


Deployed = Literal["deployed", "overtaken", "occupied"]
"""What became of a deploy: done; or something else had been deployed meanwhile; or somebody rests
where nobody may.
"""


class Residence(NamedTuple):
    """Where people are in journeys: a step of a version. ``state`` is empty for those who are in
    none: who are held out, or have left and are measured.
    """

    journey: str
    version: str
    state: str
