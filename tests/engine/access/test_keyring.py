"""Keys at the door: the store is asked seldom, and what was revoked is not taken for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event

import pytest

from dsl.calendar import SECOND, Instant
from engine.access.keyring import STALE, Keyring, configured
from engine.core.keys import Key, hashed
from engine.store.memory import MemoryStore
from engine.store.trouble import StoreUnavailableError


class Counted:
    """The keys of a store, and how often it was asked for them."""

    def __init__(self) -> None:
        self.kept = MemoryStore().keys
        self.asked = 0
        self.away = False
        self.gate: Event | None = None

    def known(self) -> list[Key]:
        self.asked += 1
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.away:
            raise StoreUnavailableError("the store is away")
        return self.kept.known()

    def turn(self, change: object) -> None:
        raise AssertionError


class Watch:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.at: Instant = 0

    def __call__(self) -> Instant:
        return self.at


Story = Callable[[Keyring, Counted, Watch], Awaitable[None]]


def key(text: str, revoked: Instant | None = None) -> Key:
    return Key(hashed(text), text, text, "server", ("ingest",), text[-4:], 1, revoked=revoked)


def told(story: Story, *settings: Key) -> None:
    stored, watch = Counted(), Watch()
    stored.kept.turn(lambda _: [key("one"), key("two")])
    asyncio.run(_told(story, Keyring(stored, settings, watch), stored, watch))


async def _told(story: Story, ring: Keyring, stored: Counted, watch: Watch) -> None:
    await story(ring, stored, watch)


async def settled(ring: Keyring) -> None:
    if ring._reading is not None:
        await ring._reading


def test_however_many_ask_the_store_is_asked_once() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        found = await asyncio.gather(*[ring.key("one") for _ in range(100)])
        found += [await ring.key("two") for _ in range(100)]

        assert {each and each.name for each in found} == {"one", "two"}
        assert stored.asked == 1

    told(story)


def test_made_up_keys_cost_the_store_two_looks_a_second() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        for number in range(1_000):
            watch.at += SECOND // 100
            assert await ring.key(f"made up {number}") is None
        assert stored.asked <= 21

    told(story)


def test_a_key_that_was_just_made_is_found() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        assert await ring.key("three") is None
        stored.kept.turn(lambda _: [key("three")])
        watch.at += SECOND // 2

        assert await ring.key("three") is not None

    told(story)


def test_a_key_that_was_revoked_is_known_to_be_within_seconds() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        await ring.key("one")
        stored.kept.turn(lambda _: [key("one", revoked=5)])
        watch.at += 2 * SECOND
        await ring.key("one")  # answered by what is remembered, and the store is asked meanwhile
        await settled(ring)

        found = await ring.key("one")
        assert found is not None
        assert found.revoked == 5

    told(story)


def test_nobody_is_let_in_by_what_is_remembered_for_long() -> None:
    """An hour without requests, and then one with a key that was revoked in that hour."""

    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        await ring.key("one")
        stored.kept.turn(lambda _: [key("one", revoked=5)])
        watch.at += 3600 * SECOND

        found = await ring.key("one")
        assert found is not None
        assert found.revoked == 5

    told(story)


def test_while_the_store_is_away_what_is_remembered_counts_for_a_while() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        await ring.key("one")
        stored.away = True
        watch.at += 5 * SECOND
        assert await ring.key("one") is not None
        await settled(ring)
        assert await ring.key("one") is not None
        watch.at += STALE
        with pytest.raises(StoreUnavailableError):
            await ring.key("one")
        stored.away = False
        watch.at += SECOND
        assert await ring.key("one") is not None

    told(story)


def test_a_store_that_is_away_is_not_asked_again_and_again() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        stored.away = True
        for _ in range(50):
            with pytest.raises(StoreUnavailableError):
                await ring.key("one")
        assert stored.asked == 1

    told(story)


def test_known_keys_do_not_wait_while_the_store_is_slow() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        await ring.key("one")
        stored.gate = Event()
        watch.at += 3 * SECOND
        assert await ring.key("one") is not None
        assert ring._reading is not None
        stored.gate.set()
        await settled(ring)

    told(story)


def test_the_keys_of_the_settings_need_no_store() -> None:
    async def story(ring: Keyring, stored: Counted, watch: Watch) -> None:
        stored.away = True
        write, both = await ring.key("w"), await ring.key("b")

        assert write is not None
        assert both is not None
        assert (write.scopes, write.id) == (("ingest", "write"), "")
        assert both.scopes == ("ingest", "write", "read")
        assert stored.asked == 0

    told(story, *configured(["w", "b"], ["b"]))
