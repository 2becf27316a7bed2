"""Looks for a broken promise, and leaves out what it does not need."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.store import open_store
from engine.store.protocol import Store
from tests.postgres import emptied
from tests.proof.found import Call, Found, in_a_scenario
from tests.proof.machine import Life

__all__ = ["InAFile", "InMemory", "look_for", "on_a_server"]


class InMemory(Life):
    """Its store is dictionaries."""


class InAFile(Life):
    """Its store is SQLite."""

    def _open(self) -> Store:
        self._folder = TemporaryDirectory()
        return open_store(f"sqlite:///{Path(self._folder.name) / 'wayline.db'}")

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


def on_a_server(address: str) -> type[Life]:
    """Its store is this database, emptied before each life."""

    class OnAServer(Life):
        """Its store is PostgreSQL."""

        def _open(self) -> Store:
            return emptied(address)

    return OnAServer


def look_for(
    machine: type[Life], examples: int, *, same: bool = False, fewest: bool = True, steps: int = 30
) -> Found | None:
    """Lives so many lives, the ``same`` ones every time if that is wanted. What is broken, in as few
    steps as can be found.

    Steps are left out here, one after the other: what Hypothesis does about it takes minutes.
    """
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
        deadline=None,
        database=None,
        derandomize=same or "CI" in os.environ,
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except Found as found:
        return in_a_scenario(_fewer(machine, found)) if fewest else found
    return None


def _fewer(machine: type[Life], found: Found) -> Found:
    """The same with every step left out that it does not need."""
    length = max(1, len(found.calls) // 2)
    while length:
        start = len(found.calls)
        while start > 0:
            start -= length
            kept = found.calls[: max(0, start)] + found.calls[start + length :]
            again = _lived(machine, kept)
            if again is not None and again.number == found.number:
                found = again
        length //= 2
    return found


def _lived(machine: type[Life], calls: Sequence[Call]) -> Found | None:
    life = machine()
    try:
        for name, named in calls:
            getattr(life, name)(**named)
    except Found as found:
        life.close()
        return found
    try:
        life.teardown()
    except Found as found:
        return found
    return None
