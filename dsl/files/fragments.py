"""The key table of a fragment: reusable steps with inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.files.shape import Listed, Named, Words, Written, key
from dsl.plan import Field
from dsl.yaml import Items

__all__ = ["Fragment", "FragmentFile"]


class FragmentFile(Written):
    """Steps that journeys share."""

    fragment: Words | None = key("The name by which journeys use it", needed=True)
    inputs: Named | None = key("What it is given, with types")
    steps: Listed | None = key("What happens, from top to bottom", needed=True)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment whose head has been read; its steps are compiled where it is used."""

    name: str
    inputs: Mapping[str, Field]
    steps: Items | None
