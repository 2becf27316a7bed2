"""Too many complaints about a domain: what needs consent waits, for everybody who hands over; what is
somebody's own business does not.
"""

from __future__ import annotations

import asyncio

import pytest

from channels.outcome import Accepted
from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from engine.core.lanes import lane_of
from engine.core.profile import Profile
from engine.core.reputation import name_of
from engine.dispatcher.gatekeeper import Answered
from engine.dispatcher.holding import Holding
from engine.dispatcher.reputation import Reputations
from engine.dispatcher.ways import ways_of
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes, Store, StoreUnavailableError
from tests.engine.dispatcher.post import Post
from tests.engine.dispatcher.test_crowd import NOW, Crew, _delivery, queue, stores

__all__ = ["stores"]

SHOP = "shop.example"


def posts(domain: str = SHOP) -> dict[str, Post]:
    return {
        "email": Post("email", domain=domain),
        **{name: Post(name) for name in ("push", "sms", "whatsapp")},
    }


def complain(store: Store, delivered: int, complained: int, at: int = NOW) -> None:
    Reputations(store.gates).count({SHOP: delivered}, {SHOP: complained}, at)


def turns(crew: Crew, count: int = 12) -> None:
    async def story() -> None:
        for _ in range(count):
            await crew.turn()

    asyncio.run(story())


def waiting(store: Store, number: int) -> int:
    (delivery,) = store.deliveries([f"d{number}"]).values()
    assert delivery.status == "queued"
    return delivery.due


def test_what_needs_consent_waits_and_nothing_else(stores: list[Store]) -> None:
    played = posts()
    complain(stores[-1], 10_000, 31)
    queue(stores[0], 40, "promotional")
    queue(stores[0], 40, "service", start=40)
    crew = Crew(stores, played)
    turns(crew)

    assert {call.category for call in played["email"].calls} == {"service"}
    assert len(played["email"].taken) == 10
    assert all(len(played[name].taken) == 20 for name in ("push", "sms", "whatsapp"))
    again = [waiting(stores[0], number) for number in range(0, 40, 4)]
    assert all(NOW + 15 * MINUTE <= due <= NOW + 31 * MINUTE for due in again)
    assert len(set(again)) > 1


def test_a_warning_stops_nothing(stores: list[Store]) -> None:
    played = posts()
    complain(stores[0], 10_000, 29)
    queue(stores[0], 40, "promotional")
    turns(Crew(stores, played))

    assert len(played["email"].taken) == 10


def test_another_domain_is_another_matter(stores: list[Store]) -> None:
    played = posts("elsewhere.example")
    complain(stores[0], 10_000, 100)
    queue(stores[0], 40, "promotional")
    turns(Crew(stores, played))

    assert len(played["email"].taken) == 10


def test_it_goes_on_when_the_rate_has_fallen(stores: list[Store]) -> None:
    played = posts()
    complain(stores[0], 10_000, 30, NOW - 7 * DAY)
    queue(stores[0], 40, "promotional")
    crew = Crew(stores, played)
    turns(crew, 3)
    early = len(played["email"].taken)
    crew.now += 2 * HOUR
    turns(crew)

    assert early == 0
    assert len(played["email"].taken) == 10


def test_an_operator_lets_it_go_on(stores: list[Store]) -> None:
    played = posts()
    complain(stores[0], 10_000, 31)
    queue(stores[0], 40, "promotional")
    crew = Crew(stores, played)
    turns(crew, 3)
    before = Reputations(stores[-1].gates).resume(SHOP, "grace", crew.now)
    crew.now += 31 * MINUTE
    turns(crew)

    assert before.stopped
    assert len(played["email"].taken) == 10
    (after,) = Reputations(stores[0].gates).known(crew.now)
    assert (after.stopped, after.why) == (False, "resumed by grace")


def test_what_expires_meanwhile_says_why(stores: list[Store]) -> None:
    """A minute before, so that it is this which is said; and its slot is free."""
    played = posts()
    complain(stores[0], 10_000, 41)
    short = _delivery(0, "promotional", NOW)._replace(
        expires=NOW + 10 * MINUTE, lane=lane_of("email", "promotional")
    )
    person = Profile("p0", {}, {"email": "a0"}, {"promotional/*": 1})
    with stores[0].batch() as batch:
        batch.commit(Changes(profiles=[person], deliveries=[short]))
    crew = Crew(stores, played)
    turns(crew, 2)
    due = waiting(stores[0], 0)
    crew.now = due
    turns(crew, 2)

    assert due == NOW + 9 * MINUTE
    (delivery,) = stores[0].deliveries(["d0"]).values()
    assert delivery.status == "stopped"
    with stores[0].batch() as batch:
        (receipt,) = batch.load(["p0"], crew.now)["p0"].pending
    assert getattr(receipt, "reason", "") == (
        "expired: complaints about shop.example: 0.41% (41 of 10,000) in 24 hours"
    )
    assert played["email"].calls == []


def test_what_is_handed_over_is_counted_by_everybody(stores: list[Store]) -> None:
    played = posts()
    queue(stores[0], 400, "promotional")
    crew = Crew(stores, played)
    turns(crew, 60)
    queue(stores[0], 4, "service", start=400, due=crew.now)
    turns(crew, 12)
    crew.now += SECOND
    turns(crew, 1)

    (known,) = Reputations(stores[0].gates).known(crew.now)
    assert len(played["email"].taken) == 101
    assert known.rates["24 hours"].delivered == 101


def test_a_campaign_stops_in_the_middle_of_it(stores: list[Store]) -> None:
    played = posts()
    queue(stores[0], 400, "promotional")
    crew = Crew(stores, played)
    turns(crew, 2)
    gone = len(played["email"].taken)
    complain(stores[-1], 5000, 60)
    turns(crew, 20)

    assert 0 < gone < 100
    # Whoever had looked already finishes that round.
    assert len(played["email"].taken) <= gone + 8 * len(stores)


def test_what_could_not_be_counted_is_counted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or those who complain would be more of fewer, and a domain stopped for nothing."""
    store = MemoryStore()
    holding = Holding(Reputations(store.gates), lambda _: False)
    way = ways_of(posts())["email"][0]
    taken = Answered(way, _delivery(0, "promotional", NOW), Accepted("m1"))

    def is_away(*_: object) -> None:
        raise StoreUnavailableError("gone")

    with monkeypatch.context() as away:
        away.setattr(store.gates, "turn", is_away)
        with pytest.raises(StoreUnavailableError):
            holding.count([taken], NOW)
    holding.count([taken], NOW + SECOND)

    (found,) = Reputations(store.gates).of([SHOP], NOW + SECOND)
    assert found.rates["24 hours"].delivered == 2


def test_nothing_is_asked_of_stores_for_whom_nobody_judges() -> None:
    store = MemoryStore()
    queue(store, 40, "promotional")
    turns(Crew([store], posts("")))

    assert not any(name.startswith(name_of("")) for name in store.gates.known(NOW))
