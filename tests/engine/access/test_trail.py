"""The trail: what is handed out is written down first, that of many at once in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engine.access.trail import Trail
from engine.core.deeds import Deed
from engine.store.memory import MemoryStore
from engine.store.protocol import StoreUnavailableError


class _Counted:
    """The deeds of a store, which counts how often it is written to."""

    def __init__(self, store: MemoryStore, *, broken: bool = False) -> None:
        self._add = store.deeds.add
        self.writes = 0
        self.broken = broken

    def add(self, deeds: Sequence[Deed]) -> None:
        self.writes += 1
        if self.broken:
            raise StoreUnavailableError("the disk is full")
        self._add(deeds)


def _counted(monkeypatch: pytest.MonkeyPatch, *, broken: bool = False) -> tuple[Trail, _Counted]:
    store = MemoryStore()
    counted = _Counted(store, broken=broken)
    monkeypatch.setattr(store.deeds, "add", counted.add)
    return Trail(store), counted


def test_all_that_come_together_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    trail, counted = _counted(monkeypatch)

    async def many() -> None:
        await asyncio.gather(*(trail.add(Deed(at, "x", f"d{at}")) for at in range(50)))
        await trail.add(Deed(99, "x", "last"))

    asyncio.run(many())

    assert counted.writes <= 3


def test_what_cannot_be_written_down_is_told_to_everybody_who_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trail, counted = _counted(monkeypatch, broken=True)

    async def many() -> list[object]:
        waiting = (trail.add(Deed(at, "x", "d")) for at in range(3))
        return [*await asyncio.gather(*waiting, return_exceptions=True)]

    failed = asyncio.run(many())
    counted.broken = False
    asyncio.run(trail.add(Deed(1, "x", "d")))

    assert [type(each) for each in failed] == [StoreUnavailableError] * 3
