"""Earlier versions of journeys in which people still rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from channels.content import Content
from dsl.machine import Machine

__all__ = ["Former", "Formers", "pinned"]


class Former(NamedTuple):
    """A version of a journey that was deployed before, and what renders its messages."""

    machine: Machine
    content: Content


Formers: TypeAlias = Mapping[tuple[str, str], Former]
"""By journey and version, as they stand in runs."""


def pinned(machines: Mapping[str, Machine], formers: Formers) -> dict[str, Former]:
    """Versions that are gone through to their end, because the journey says ``people inside:
    stay``. What an operator sets, the status, holds for them too.
    """
    kept = {}
    for (journey, version), former in formers.items():
        machine = machines.get(journey)
        if machine is None or machine.inside != "stay" or machine.status == "ended":
            continue
        if former.machine.version != machine.version:
            older = replace(former.machine, status=machine.status, version=version)
            kept[version] = former._replace(machine=older)
    return kept
