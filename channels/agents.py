"""Who opens and clicks: a person, or a program that fetches what is in a message ahead of them.

What is known of programs by their names stands in ``agents.tsv``, to be read and corrected as data.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast, get_args

__all__ = ["By", "by_agent"]

By: TypeAlias = Literal["human", "machine", "unverified"]

_LONGEST = 1000  # of a name that is looked at; browsers' have some two hundred


def by_agent(agent: object) -> By:
    """Who it was, by the name of the program (``User-Agent``). A name can only ever say that it was
    a machine: what calls itself a browser may be one, or not.
    """
    if not isinstance(agent, str):
        return "unverified"
    name = agent.strip()[:_LONGEST]
    return next((by for pattern, by in _table() if pattern.search(name)), "unverified")


@cache
def _table() -> tuple[tuple[re.Pattern[str], By], ...]:
    """In the order of the file. Raises ``ValueError`` with the line that is wrong."""
    found: list[tuple[re.Pattern[str], By]] = []
    text = (files("channels") / "agents.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        pattern, by, _why, source, as_of = line.split("\t")
        if by not in get_args(By) or not source or not as_of:
            raise ValueError(f"agents.tsv:{number}: {line!r}")
        found.append((re.compile(pattern, re.IGNORECASE), cast("By", by)))
    return tuple(found)
