"""Limits that all who hand over keep together, and what is urgent goes first."""

from __future__ import annotations

import asyncio
from bisect import bisect_left

import pytest

from channels.limits import Limit, read_limit
from channels.message import Message
from channels.outcome import Accepted, Outcome, RateLimited
from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from engine.core.lanes import lane_of
from engine.dispatcher import Dispatcher
from engine.doctor.channels import crowded
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes, Store
from tests.engine.dispatcher.post import Post
from tests.engine.dispatcher.test_crowd import (
    FILES,
    NOW,
    Crew,
    _delivery,
    _profile,
    queue,
    stores,
)
from tests.engine.scene import program_of

__all__ = ["stores"]


def email(limits: tuple[Limit, ...], **more: object) -> dict[str, Post]:
    quick = {name: Post(name) for name in ("push", "sms", "whatsapp")}
    return {"email": Post("email", limits=limits, **more), **quick}  # type: ignore[arg-type]


def most_in(post: Post, span: int) -> int:
    """The most calls in any span."""
    times = sorted(call.at for call in post.calls)
    return max(bisect_left(times, start + span) - place for place, start in enumerate(times))


@pytest.mark.parametrize(
    "limit",
    [Limit("account", 20, SECOND), Limit("sender", 3, SECOND), Limit("day", 40, 86_400 * SECOND)],
)
def test_all_together_never_exceed_a_limit(stores: list[Store], limit: Limit) -> None:
    posts = email((limit,))
    queue(stores[0], 480, "promotional")
    crew = Crew(stores, posts)

    async def story() -> None:
        for _ in range(40):  # four seconds
            await crew.turn()

    asyncio.run(story())

    post = posts["email"]
    assert most_in(post, limit.micros) <= limit.count
    assert len(post.calls) >= (9 if limit.count == 3 else 36)
    assert len(posts["sms"].taken) == 120


def test_what_is_urgent_goes_before_a_campaign_that_has_used_up_the_rate(
    stores: list[Store],
) -> None:
    """Ten a second, a campaign of hundreds behind it: a receipt is among the next calls."""
    posts = email((Limit("account", 10, SECOND),))
    queue(stores[0], 2000, "promotional")
    crew = Crew(stores, posts)

    async def story() -> int:
        for _ in range(10):
            await crew.turn()
        before = len(posts["email"].calls)
        queue(stores[0], 4, "service", start=2000, due=crew.now)
        for _ in range(30):
            await crew.turn()
        return [call.id for call in posts["email"].calls[before:]].index("d2000")

    assert asyncio.run(story()) <= len(stores)


def test_a_provider_that_says_stop_is_left_alone_by_everybody_until_then(
    stores: list[Store],
) -> None:
    until = NOW + 2 * SECOND

    def answer(message: Message) -> Outcome:
        late = message.at >= until
        return (
            Accepted(message.id) if late else RateLimited("account", (until - message.at) / SECOND)
        )

    posts = email((), answer=answer)
    queue(stores[0], 400, "promotional")
    crew = Crew(stores, posts)

    async def story() -> int:
        for _ in range(18):
            await crew.turn()
        early = len(posts["email"].calls)
        for _ in range(30):
            await crew.turn()
        return early

    early = asyncio.run(story())
    assert early <= 8 * len(stores)
    assert len(posts["email"].taken) == 100


def test_one_recipient_is_not_called_more_often_than_the_pair_may() -> None:
    """The same address on two deliveries: the second waits, others do not."""
    store = MemoryStore()
    posts = email((Limit("recipient", 1, 6 * SECOND),))
    queue(store, 8, "promotional")
    second = _delivery(0, "promotional", NOW)._replace(
        id="again", lane=lane_of("email", "promotional")
    )
    with store.batch() as batch:
        batch.commit(Changes(deliveries=[second]))
    crew = Crew([store], posts)

    async def story() -> None:
        for _ in range(80):
            await crew.turn()

    asyncio.run(story())

    calls = {call.id: call.at for call in posts["email"].calls}
    assert calls["d4"] < NOW + SECOND
    assert abs(calls["again"] - calls["d0"]) >= 6 * SECOND


def test_a_call_that_lasts_too_long_is_cut_off_and_nobody_knows() -> None:
    store = MemoryStore()
    posts = email((), seconds=0.01)
    posts["email"].hangs = True
    queue(store, 4, "promotional")
    crew = Crew([store], posts)

    async def story() -> None:
        await crew.dispatchers[0].begin(NOW + MINUTE)
        await asyncio.wait_for(crew.dispatchers[0].finish(), 10)

    asyncio.run(story())

    (hung,) = store.deliveries(["d0"]).values()
    assert hung.status == "unknown"


def whatsapp(store: MemoryStore, numbers: list[int], free: tuple[int, ...] = ()) -> None:
    """A template to each of these people, and free text to those in ``free``."""
    deliveries = [
        _delivery(4 * number + 3, "promotional", NOW)._replace(
            id=f"d{place}",
            parts={"text": "Hi"} if number in free else {"template": "hello", "text": "Hi"},
        )
        for place, number in enumerate(numbers)
    ]
    with store.batch() as batch:
        people = [_profile(4 * number + 3) for number in set(numbers)]
        batch.commit(Changes(profiles=people, deliveries=deliveries))


def test_so_many_people_are_written_to_in_a_day_each_counted_once() -> None:
    """Three a day: the fourth waits for tomorrow; who was among them, and who has written first,
    goes on.
    """
    store = MemoryStore()
    whatsapp(store, [0, 1, 0, 2, 3, 1, 4, 5], free=(5,))
    post = Post("whatsapp", limits=(Limit("people", 3, DAY),))
    dispatcher = Dispatcher(store, program_of(FILES), {"whatsapp": post})

    for number in range(6):
        asyncio.run(dispatcher.run_once(NOW + number * MINUTE))
    today = {each.address for each in post.calls}
    (note,) = crowded(store, NOW + 6 * MINUTE)
    for number in range(6):
        asyncio.run(dispatcher.run_once(NOW + DAY + 2 * HOUR + number * MINUTE))

    assert len(today) == 4
    assert "a23" in today  # free text
    assert len(post.calls) == 8
    assert note.says.startswith("whatsapp: as many people as may be in 24 hours")
    assert crowded(store, NOW + 2 * DAY) == []


@pytest.mark.parametrize("text", ["250 per hour", "250"])
def test_people_are_counted_by_the_day(text: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        read_limit("people", text)
