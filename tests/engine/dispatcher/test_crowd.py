"""A campaign for many, four channels of which three misbehave, and somebody's own business in the
middle of it. Calls are counted, not seconds.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import URL

from dsl.calendar import SECOND, Instant
from engine.core.effects import Delivery
from engine.core.lanes import lane_of
from engine.core.profile import Profile
from engine.dispatcher import Dispatcher
from engine.dispatcher.ways import Way
from engine.store import open_store
from engine.store.protocol import Changes, Store
from tests.engine.dispatcher.post import Post, failing, limiting
from tests.engine.scene import SHOP, journey, program_of
from tests.postgres import address_of

NOW: Instant = 1_772_445_600_000_000  # 2026-03-02 10:00 UTC
CHANNELS = ("email", "push", "sms", "whatsapp")
CROWD = int(os.environ.get("WAYLINE_TEST_CROWD", "1200"))  # 50000 is `make soak`
FILES = {
    **SHOP,
    "policy.yaml": SHOP["policy.yaml"].replace(
        "  sms: {", "  whatsapp: {reachable when: yes}\n  sms: {"
    ),
    "journeys/0.yaml": journey("  - {id: greet, send: hello, to: push}\n"),
}


def queue(store: Store, count: int, category: str, start: int = 0, due: Instant = NOW) -> None:
    """Messages on every channel in turn, each to somebody else."""
    for first in range(start, start + count, 2000):
        people = range(first, min(first + 2000, start + count))
        with store.batch() as batch:
            batch.commit(
                Changes(
                    profiles=[_profile(number) for number in people],
                    deliveries=[_delivery(number, category, due) for number in people],
                )
            )


def _profile(number: int) -> Profile:
    channel = CHANNELS[number % 4]
    consents = {"promotional/*": 1}
    return Profile(f"p{number}", {}, {channel: f"a{number}"}, consents)


def _delivery(number: int, category: str, due: Instant) -> Delivery:
    channel = CHANNELS[number % 4]
    return Delivery(
        f"d{number}",
        f"p{number}",
        "welcome",
        "",
        "greet",
        channel,
        category,
        "hello",
        f"a{number}",
        {"text": "Hello"},
        due,
        due,
        None,
        lane=lane_of(channel, category),
    )


class Crew:
    """Some dispatchers, each with a store of its own, and one clock."""

    def __init__(self, stores: Sequence[Store], posts: dict[str, Post]) -> None:
        program = program_of(FILES)
        self.now = NOW
        self.posts = posts
        self.dispatchers = [
            Dispatcher(store, program, dict(posts), offload=asyncio.to_thread) for store in stores
        ]

    async def turn(self) -> None:
        """Everybody begins a round; what can come back does."""
        self.now += SECOND // 10
        for begun in await asyncio.gather(*(each.begin(self.now) for each in self.dispatchers)):
            del begun
        await self.breathe()

    async def breathe(self) -> None:
        """Until nothing is written any more, and only what hangs is out."""
        hanging = {each.name for each in self.ways() if self.posts[each.name].hangs}
        for _ in range(10_000):
            out = sum(way.out for way in self.ways() if way.name not in hanging)
            if not out and not any(each._writing for each in self.dispatchers):
                return
            await asyncio.sleep(0.001)
        raise AssertionError("something does not come back")

    def ways(self) -> list[Way]:
        return [way for each in self.dispatchers for way in each.ways]


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Store]]:
    if request.param == "sqlite":
        opened = [open_store(f"sqlite:///{tmp_path / 'w.db'}")]
    else:
        url: URL = request.getfixturevalue("postgres")
        opened = [open_store(address_of(url)) for _ in range(3)]
    yield opened
    for each in opened:
        each.close()


def test_nobodys_own_business_waits_for_a_campaign_nor_for_whoever_misbehaves(
    stores: list[Store],
) -> None:
    """Push hangs, SMS limits, WhatsApp is out of order; e-mail is well. In the middle of it one
    transactional message comes on each channel: on the three that answer it is among the next
    calls, on the one that hangs as well, because some of its calls are kept for that.
    """
    posts = {
        "email": Post("email"),
        "push": Post("push"),
        "sms": Post("sms", limiting(5)),
        "whatsapp": Post("whatsapp", failing),
    }
    posts["push"].hangs = True
    queue(stores[0], CROWD, "promotional")
    crew = Crew(stores, posts)

    async def story() -> dict[str, int]:
        for _ in range(4):
            await crew.turn()
        before = {channel: len(post.calls) for channel, post in posts.items()}
        assert before["email"] >= 4 * 6
        queue(stores[0], 4, "service", start=CROWD, due=crew.now)
        places: dict[str, int] = {}
        for _ in range(400):
            await crew.turn()
            for number in range(CROWD, CROWD + 4):
                channel = CHANNELS[number % 4]
                names = [call.id for call in posts[channel].calls[before[channel] :]]
                if f"d{number}" in names:
                    places.setdefault(channel, names.index(f"d{number}"))
            if len(places) == 4:
                break
        await _clear(crew)
        return places

    places = asyncio.run(story())
    dispatchers = len(crew.dispatchers)

    assert set(places) == set(CHANNELS)
    assert all(place <= 8 * dispatchers for place in places.values()), places
    for channel, post in posts.items():
        assert all(count == 1 for count in post.taken.values())
        assert post.at_once <= 8 * dispatchers
        handed = Counter(call.id for call in post.calls)
        if channel == "email":
            assert set(handed.values()) == {1}
    told = stores[0].deliveries([f"d{number}" for number in range(0, CROWD, 4)])
    assert {each.status for each in told.values()} == {"accepted"}


async def _clear(crew: Crew) -> None:
    """What hung answers at last; e-mail goes on until nothing is left."""
    quick = crew.posts["email"]
    for _ in range(CROWD):
        if len(quick.taken) >= CROWD // 4:
            break
        await crew.turn()
    for each in crew.dispatchers:
        for call in list(each._calls.out):
            call.cancel()
    await asyncio.sleep(0)
    await crew.breathe()
