"""Who opens and clicks: a person, or a program that fetches what is in a message ahead of them.

What is known of programs by their names stands in ``agents.tsv``, to be read and corrected as data.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, TypeAlias, cast, get_args

__all__ = ["Agents", "By", "by_agent"]

By: TypeAlias = Literal["human", "machine", "unverified"]

_LONGEST = 1000  # of a name that is looked at; browsers' have some two hundred


class Agents:
    """What is known of programs by the names they give themselves (``User-Agent``), from a file: a
    pattern, one of the ``verdicts``, why, its source, as of when. Raises ``ValueError`` with the
    line that is wrong.
    """

    def __init__(self, file: Traversable, verdicts: Collection[str]) -> None:
        self._table: list[tuple[re.Pattern[str], str]] = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("#"):
                continue
            pattern, verdict, _why, source, as_of = line.split("\t")
            if verdict not in verdicts or not source or not as_of:
                raise ValueError(f"{file.name}:{number}: {line!r}")
            self._table.append((re.compile(pattern, re.IGNORECASE), verdict))

    def verdict(self, agent: str, otherwise: str) -> str:
        """That of the first pattern that is found in the name, whatever its case."""
        name = agent.strip()[:_LONGEST]
        return next((found for pattern, found in self._table if pattern.search(name)), otherwise)


def by_agent(agent: object) -> By:
    """Who it was, by the name of the program. A name can only ever say that it was a machine: what
    calls itself a browser may be one, or not.
    """
    if not isinstance(agent, str):
        return "unverified"
    return cast("By", _known().verdict(agent, "unverified"))


@cache
def _known() -> Agents:
    return Agents(files("channels") / "agents.tsv", get_args(By))
