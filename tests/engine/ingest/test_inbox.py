"""The way in: durable before it is answered, and bounded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from engine.core.signals import Arrival, ProfileChanged
from engine.ingest.inbox import Inbox, InboxFullError
from engine.store.memory import MemoryStore
from engine.store.protocol import Appended, StoreUnavailableError


def changed(name: str) -> ProfileChanged:
    return ProfileChanged(name, "ada", 1, 0, {}, {})


class SlowStore(MemoryStore):
    """Writes when the gate is open, and cannot write what ``poison`` names."""

    def __init__(self) -> None:
        super().__init__()
        self.writing, self.gate = threading.Event(), threading.Event()
        self.groups: list[list[str]] = []
        self.poison: dict[str, Exception] = {}

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        self.writing.set()
        assert self.gate.wait(10)
        self.groups.append([arrival.id for arrival in arrivals])
        for arrival in arrivals:
            if arrival.id in self.poison:
                raise self.poison[arrival.id]
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


Answers = list[Appended | BaseException]


def queued(store: SlowStore, *requests: str, most: int = 50_000) -> Answers:
    """What comes of requests (ids, one letter each) that came while another was being written."""

    async def story() -> Answers:
        inbox = Inbox(store, lambda: None, most)
        first = asyncio.create_task(inbox.add([changed("first")]))
        await asyncio.to_thread(store.writing.wait, 10)
        waiting = [
            asyncio.create_task(inbox.add([changed(each) for each in request]))
            for request in requests
        ]
        await asyncio.sleep(0)  # they are in the queue now
        store.gate.set()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        await first
        inbox.close()
        return answers

    return asyncio.run(story())


def test_what_came_while_something_was_written_is_written_together() -> None:
    store = SlowStore()

    answers = queued(store, "ab", "c", "def")

    assert store.groups == [["first"], ["a", "b", "c", "d", "e", "f"]]
    assert answers == [Appended(2, 0), Appended(1, 0), Appended(3, 0)]


def test_what_is_repeated_is_counted_for_whoever_repeated_it() -> None:
    store = SlowStore()
    MemoryStore.append(store, [changed("x")])

    answers = queued(store, "ab", "bxc", "cxx")

    assert answers == [Appended(2, 0), Appended(1, 2), Appended(0, 3)]


def test_a_request_that_cannot_be_written_is_refused_without_the_others() -> None:
    store = SlowStore()
    store.poison["c"] = ValueError("a bug of ours")

    ok, failed, after = queued(store, "ab", "c", "d")

    assert (ok, after) == (Appended(2, 0), Appended(1, 0))
    assert isinstance(failed, ValueError)
    assert set(store.people(["ada"], ())) == {"ada"}


def test_everybody_is_told_when_the_store_cannot_be_used() -> None:
    store = SlowStore()
    store.poison["b"] = StoreUnavailableError("full")

    answers = queued(store, "a", "b")

    assert [type(each) for each in answers] == [StoreUnavailableError] * 2
    assert store.groups == [["first"], ["a", "b"]]  # and nobody tries once more for each


def test_a_transaction_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.ingest.inbox._GROUP", 3)
    store = SlowStore()

    queued(store, "ab", "c", "d", "efgh", "i")

    assert store.groups == [["first"], list("abc"), ["d"], list("efgh"), ["i"]]


def test_a_sender_that_hung_up_while_it_waited_is_no_trouble_for_the_others() -> None:
    async def story() -> Answers:
        store = SlowStore()
        inbox = Inbox(store, lambda: None, most=3)
        adding = [asyncio.create_task(inbox.add([changed(name)])) for name in "abc"]
        await asyncio.to_thread(store.writing.wait, 10)
        adding[1].cancel()
        store.gate.set()
        answers = await asyncio.gather(*adding, return_exceptions=True)
        assert await inbox.add([changed(name) for name in "def"]) == Appended(3, 0)
        inbox.close()
        return answers

    first, hung_up, last = asyncio.run(story())

    assert (first, last) == (Appended(1, 0), Appended(1, 0))
    assert isinstance(hung_up, asyncio.CancelledError)


def test_after_the_end_nothing_more_is_taken_and_nothing_waits_for_ever() -> None:
    async def story() -> SlowStore:
        store = SlowStore()
        inbox = Inbox(store, lambda: None)
        writing = asyncio.create_task(inbox.add([changed("a")]))
        await asyncio.to_thread(store.writing.wait, 10)
        waiting = asyncio.create_task(inbox.add([changed("b")]))
        await asyncio.sleep(0)
        waiting.cancel()  # as the server does with requests that it does not wait for
        writer = inbox._writing
        assert writer is not None
        store.gate.set()
        inbox.close()
        await writer
        assert await writing == Appended(1, 0)
        with pytest.raises(RuntimeError):
            await inbox.add([changed("c")])
        return store

    assert asyncio.run(story()).groups == [["a"]]
