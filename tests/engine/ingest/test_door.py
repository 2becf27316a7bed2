"""Whether events get in is said once, and once when they do so again."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

import pytest

from dsl.calendar import SECOND, Instant
from engine.core.signals import Arrival
from engine.ingest.door import Door
from engine.ingest.inbox import Inbox
from engine.logs import open_log
from engine.store.memory import MemoryStore
from engine.store.protocol import Appended, StoreUnavailableError
from engine.store.testing.samples import event


class Clock:
    time: Instant = 1_000 * SECOND

    def now(self) -> Instant:
        return self.time


class FullStore(MemoryStore):
    """Has no room until ``is_full`` is taken back."""

    is_full = True

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        if self.is_full:
            raise StoreUnavailableError("The disk is full.")
        return super().append(arrivals)


async def send(inbox: Inbox, name: str) -> bool:
    try:
        await inbox.add([event(name, "ada")])
    except StoreUnavailableError:
        return False
    return True


def test_a_full_disk_is_one_line_and_room_again_another() -> None:
    log, clock, store = io.StringIO(), Clock(), FullStore()

    async def story() -> list[bool | list[str]]:
        door = Door(clock, open_log(stream=log))
        inbox = Inbox(store, lambda: None, door=door)
        told: list[bool | list[str]] = [await send(inbox, name) for name in "abc"]
        told.append(door.problems())
        store.is_full = False
        told += [await send(inbox, name) for name in "abc"]
        told.append(door.problems())
        inbox.close()
        return told

    assert asyncio.run(story()) == [
        False,
        False,
        False,
        ["Events are turned away. The disk is full."],
        True,
        True,
        True,
        [],
    ]
    said = log.getvalue().splitlines()
    assert len(said) == 2
    assert "events are turned away" in said[0]
    assert "reason='The disk is full.'" in said[0]
    assert "events are taken again" in said[1]
    assert "turned_away=3" in said[1]


@pytest.mark.parametrize("seconds", [5, 60, -60])
def test_nobody_is_kept_from_trying_for_ever(seconds: int) -> None:
    """Who is said not to be ready may be sent nothing, and would never know."""
    clock = Clock()
    door = Door(clock, open_log(stream=io.StringIO()))
    door.turned_away(StoreUnavailableError("The disk is full."))
    clock.time += seconds * SECOND

    assert door.problems() == []
