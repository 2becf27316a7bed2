"""What does not fit the plan: as strict as it is wanted, never lost while it is kept, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from dsl.calendar import DAY, Instant
from dsl.compiler import compile_project
from dsl.plan import Strictness, TrackingPlan
from engine.core.knowing import number_of
from engine.core.signals import EventArrived, ProfileChanged
from engine.core.strays import MISSING, MOST_A_DAY, OTHERS, UNKNOWN, UNPLANNED, Oddity, Seen
from engine.ingest import Intake, Sender, Taken
from engine.ingest.strays import Retried, StrayDesk, everything_kept, retry
from engine.metrics import Metrics
from engine.store.memory import MemoryStore

NOW: Instant = 20_000 * DAY
POLICY = """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels: {email: {reachable when: yes}}
categories: {promotional: {consent: required}}
"""
PLAN = """
tracking plan: shop
at the door: DOOR
profile: {first_name: "text, personal", tier: one of silver / gold, visits: whole number}
events:
  purchase: {from: Order, has: {order_id: "code, required", total: money EUR, note: "date, personal"}}
"""


class Clock:
    def now(self) -> Instant:
        return NOW


def plan(door: Strictness, **more: str) -> TrackingPlan:
    text = PLAN.replace("DOOR", door)
    for old, new in more.items():
        text = text.replace(old, new)
    made = compile_project({"plan.yaml": text, "policy.yaml": POLICY})
    assert made.project is not None
    return made.project.plan


def take(door: Strictness, *calls: Mapping[str, Any], sender: Sender | None = None) -> Taken:
    return Intake(plan(door)).take(calls, NOW, lambda: "fresh", sender=sender or Sender("k/"))


def order(total: Any = 5, name: str = "m1", **more: Any) -> dict[str, Any]:
    given = {"order_id": "o1", "total": total, **more}
    return {
        "type": "track",
        "userId": "ada",
        "event": "Order",
        "messageId": name,
        "properties": given,
    }


def tour(name: str = "m2", event: str = "Tour") -> dict[str, Any]:
    return {"type": "track", "userId": "ada", "event": event, "messageId": name}


WHO = {"type": "identify", "userId": "ada", "messageId": "m3"}


def test_the_plan_says_how_strict_the_door_is() -> None:
    assert plan("warn").door == "warn"
    without = compile_project(
        {"plan.yaml": PLAN.replace("at the door: DOOR\n", ""), "policy.yaml": POLICY}
    )
    assert without.project is not None
    assert without.project.plan.door == "strict"
    wrong = compile_project({"plan.yaml": PLAN.replace("DOOR", "open"), "policy.yaml": POLICY})
    (found,) = [each for each in wrong.diagnostics if each.severity == "error"]
    assert "strict" in f"{found.message} {found.hint}"


def test_a_strict_door_refuses_and_keeps_aside() -> None:
    taken = take("strict", order("12,50"), tour(), order())

    assert [each.id for each in taken.arrivals] == ["k/m1"]
    assert [each.place for each in taken.refused] == [0, 1]
    assert [(each.id, each.event, each.rest) for each in taken.odd.strays] == [
        ("k/m1", "purchase", ()),
        ("k/m2", "Tour", ()),
    ]
    assert taken.odd.seen == {
        Oddity("purchase", "total", "text"): Seen(1, "12,50"),
        Oddity("Tour", "", UNKNOWN): Seen(1),
    }


@pytest.mark.parametrize("door", ["warn", "learn"])
def test_a_door_that_warns_takes_what_is_right(door: Strictness) -> None:
    calls = (
        order("12,50"),
        tour(),
        order(order_id=None),
        {**WHO, "traits": {"tier": "tin", "visits": 3}},
    )
    taken = take(door, *calls)

    assert taken.refused == []
    bought, told = taken.arrivals
    assert isinstance(bought, EventArrived)
    assert bought.event.properties == {"order_id": "o1"}
    assert isinstance(told, ProfileChanged)
    assert told.attributes == {"visits": 3}
    assert [(each.event, each.rest) for each in taken.odd.strays] == [
        ("Tour", ()),
        ("purchase", ()),
        ("identify", ("tier",)),
    ]
    assert taken.odd.seen[Oddity("purchase", "order_id", MISSING)] == Seen(1)
    assert taken.odd.seen[Oddity("identify", "tier", "another value")] == Seen(1, "tin")


def test_what_is_personal_is_nobodys_example() -> None:
    (seen,) = take("warn", order(note="Ada was here")).odd.seen.values()

    assert seen == Seen(1, "…")


def test_a_door_that_learns_keeps_examples_of_more() -> None:
    taken = take("learn", order(colour="red"))

    assert len(taken.arrivals) == 1
    assert [(each.event, each.rest) for each in taken.odd.strays] == [("purchase", ("colour",))]
    assert taken.odd.seen == {Oddity("purchase", "colour", UNPLANNED): Seen(1)}
    assert take("warn", order(colour="red")).odd.strays == []


def test_what_fits_costs_nothing_and_leaves_nothing() -> None:
    odd = take("learn", order(), {**WHO, "traits": {"visits": 3}}).odd

    assert (odd.seen, odd.strays) == ({}, [])


def test_what_is_wrong_in_another_way_is_only_refused() -> None:
    taken = take("warn", {**order(), "userId": None}, {**order("x"), "timestamp": "x"})

    assert len(taken.refused) == 2
    assert taken.odd.strays == []


def keep(store: MemoryStore, *batches: Taken) -> None:
    async def through() -> None:
        desk = StrayDesk(store, Metrics(), Clock())
        await asyncio.gather(*(desk.take(each.odd) for each in batches))
        await desk.close()

    asyncio.run(through())


def test_the_desk_writes_together_what_came_together() -> None:
    store = MemoryStore()
    keep(store, take("strict", order("x")), take("strict", order("y", "m4"), tour()))

    assert [each.stray.id for some in everything_kept(store) for each in some] == [
        "k/m1",
        "k/m4",
        "k/m2",
    ]
    assert store.strays.seen(NOW)[NOW, Oddity("purchase", "total", "text")] == Seen(2, "x")


def test_a_million_names_are_a_few_hundred() -> None:
    store = MemoryStore()
    many = [take("strict", *(tour(f"{n}.{m}", f"T{n}.{m}") for m in range(500))) for n in range(20)]
    keep(store, *many)

    seen = store.strays.seen(NOW)
    assert len(seen) <= MOST_A_DAY + 1
    assert sum(each.times for each in seen.values()) == 10_000
    assert (NOW, Oddity(OTHERS, "", "")) in seen
    assert store.strays.count() <= 1_000


def test_once_the_plan_is_mended_each_counts_once() -> None:
    store = MemoryStore()
    traits = {"tier": "tin", "visits": 3, "email": "ada@shop.example"}
    calls = (order("twelve"), tour(), {**WHO, "traits": traits})
    keep(store, take("warn", order(order_id=None), *calls[1:]))
    mended = plan("warn", **{"silver": "silver / tin", "events:": "events:\n  tour: {from: Tour}"})

    first = retry(store, Intake(mended))
    second = retry(store, Intake(mended))

    assert (first, second) == (Retried(2, 0, 1), Retried(0, 0, 1))
    with store.batch() as batch:
        toured, told = sorted(batch.load(["ada"], NOW)["ada"].pending, key=number_of)
    assert isinstance(toured, EventArrived)
    assert (toured.id, toured.event.received) == ("k/m2", NOW)
    assert isinstance(told, ProfileChanged)
    assert (told.id, told.attributes, told.addresses) == ("k/m3/rest", {"tier": "tin"}, {})


def test_what_was_sent_again_meanwhile_is_not_taken_twice() -> None:
    store = MemoryStore()
    keep(store, take("strict", tour()))
    mended = Intake(plan("strict", **{"events:": "events:\n  tour: {from: Tour}"}))
    store.append(mended.take([tour()], NOW, str, sender=Sender("k/")).arrivals)

    assert retry(store, mended) == Retried(0, 1, 0)
    assert store.strays.count() == 0


def test_a_browser_stays_a_browser() -> None:
    """What it may not say, it may not say by waiting for it either."""
    store = MemoryStore()
    browser = Sender("b/", browser=True)
    keep(store, take("strict", tour(event="consent_grant"), sender=browser))
    (kept,) = store.strays.kept(0, 10)

    assert kept.stray.browser
    assert retry(store, Intake(replace(plan("strict")))) == Retried(0, 0, 1)
