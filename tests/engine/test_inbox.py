"""The way in: durable before it is answered, and bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from engine.core.signals import Arrival, ProfileChanged
from engine.inbox import Inbox, InboxFullError
from engine.store.memory import MemoryStore
from engine.store.protocol import Appended


def changed(name: str) -> ProfileChanged:
    return ProfileChanged(name, "ada", 1, 0, {}, {})


class SlowStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.writing, self.gate = threading.Event(), threading.Event()

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        self.writing.set()
        assert self.gate.wait(10)
        return super().append(arrivals)


def test_it_wakes_the_runner_after_the_write() -> None:
    store, woken = MemoryStore(), list[int | None]()
    inbox = Inbox(store, lambda: woken.append(store.next_wake()))

    assert asyncio.run(inbox.add([changed("a"), changed("a")])) == Appended(1, 1)
    assert woken == [1]
    inbox.close()


def test_too_much_is_refused_and_then_there_is_room_again() -> None:
    async def story() -> None:
        store = SlowStore()
        inbox = Inbox(store, lambda: None, most=2)
        first = asyncio.create_task(inbox.add([changed("a"), changed("b")]))
        await asyncio.to_thread(store.writing.wait, 10)
        with pytest.raises(InboxFullError):
            await inbox.add([changed("c")])
        store.gate.set()
        assert await first == Appended(2, 0)
        assert await inbox.add([changed("c")]) == Appended(1, 0)
        inbox.close()

    asyncio.run(story())


def test_a_sender_that_hangs_up_does_not_undo_a_write() -> None:
    async def story() -> SlowStore:
        store = SlowStore()
        inbox = Inbox(store, lambda: None)
        adding = asyncio.create_task(inbox.add([changed("a")]))
        await asyncio.to_thread(store.writing.wait, 10)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        store.gate.set()
        inbox.close()
        return store

    assert list(asyncio.run(story()).people(["ada"], ())) == ["ada"]
