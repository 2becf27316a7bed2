"""Time as it really goes: nights in which clocks change, timers years ahead, hours in which nobody
was at work. On every store, with the real runner and dispatcher.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.message import Message
from channels.outcome import FailureClass, Rejected
from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant, local
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey
from tests.postgres import address_of

QUIET = """
quiet hours:
  - {on: push, from: 21:00 to 08:00}
when quiet: wait up to 12 hours
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    else:
        opened = open_store(address_of(request.getfixturevalue("postgres")))
    yield opened
    opened.close()


def handed_over(scene: Scene) -> list[tuple[str, Instant]]:
    """The messages that were taken, and when they were."""
    return [(message.message, message.at) for message in scene.adapter.accepted]


# ------------------------------------------------------------------------------------------ nights

NIGHTS = [
    ("Europe/Berlin", "2026-03-29"),  # 02:00 to 03:00
    ("Europe/Berlin", "2026-10-25"),  # 03:00 to 02:00
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/St_Johns", "2026-03-08"),  # half an hour beside everybody else
    ("Australia/Lord_Howe", "2026-10-04"),  # changes by half an hour only
    ("Australia/Lord_Howe", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),  # at midnight, so that 00:30 does not exist
    ("America/Santiago", "2026-04-05"),
    ("Asia/Tokyo", "2026-03-29"),  # none
]


def first_at(day: str, time: str, zone: ZoneInfo) -> datetime:
    """When a clock on the wall first shows a time on a day, or, if it never does, the time that is
    as much after the gap as it would be in it.
    """
    wanted = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone, fold=0)
    return datetime.fromtimestamp(wanted.timestamp(), zone)


def test_in_a_night_in_which_clocks_change_everything_happens_once_and_none_of_it_when_it_is_quiet(
    store: Store,
) -> None:
    """All zones in one store: each has somebody who waits until half past two, and then, because it
    is quiet, until eight; and somebody who waits until half past midnight.
    """
    steps = """
  - {id: late, wait until: tomorrow at 02:30}
  - {id: morning, send: hello, to: push}
"""
    midnight = """
  - {id: early, wait until: tomorrow at 00:30}
  - {id: note, send: hello, to: email}
"""
    other = "trigger: {event: viewed}"
    scene = Scene(
        journey(steps),
        journey(midnight, "midnight", other),
        policy=QUIET,
        store=store,
        start="2026-03-01 12:00",
    )
    expected: dict[str, list[datetime]] = {}
    for night, (name, day) in enumerate(NIGHTS):
        person, zone = f"p{night}", ZoneInfo(name)
        scene.person(person, time_zone=name)
        expected[person] = [first_at(day, "00:30", zone), first_at(day, "08:00", zone)]
    for night, (name, day) in sorted(enumerate(NIGHTS), key=lambda each: each[1][1]):
        evening = first_at(day, "22:30", ZoneInfo(name)) - timedelta(days=1)
        scene.advance_to(scene.at(evening.isoformat()))
        scene.event("signed_up", f"p{night}")
        scene.event("viewed", f"p{night}")
    scene.until("2026-12-01 12:00")

    got: dict[str, list[datetime]] = {person: [] for person in expected}
    for message in scene.adapter.accepted:
        (person,) = [each.person for each in scene.store.deliveries([message.id]).values()]
        zone = ZoneInfo(NIGHTS[int(person[1:])][0])
        got[person].append(local(message.at, zone))
        assert message.channel == "email" or 8 <= local(message.at, zone).hour < 21
    assert got == expected


@pytest.mark.parametrize(
    ("before", "times"),
    [
        ("2026-03-28 12:00", ["29 03:30", "30 02:30"]),
        ("2026-10-24 12:00", ["25 02:30", "26 02:30"]),
    ],
)
def test_an_hour_that_comes_twice_is_not_two_timers_and_one_that_never_comes_is_not_none(
    store: Store, before: str, times: list[str]
) -> None:
    """Every day at half past two, by a schedule."""
    head = "trigger: {schedule: every day at 02:30, for: everybody}\nre-enter: any time"
    files = {"segments.yaml": "segments:\n  everybody: {who: email is known}\n"}
    note = "  - {id: note, send: hello, to: email}\n"
    scene = Scene(journey(note, head=head), store=store, files=files, start=before)
    scene.person()
    scene.after(2 * DAY)

    assert [local(at, scene.zone).strftime("%d %H:%M") for _, at in handed_over(scene)] == times


# ------------------------------------------------------------------------------------- years ahead


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_a_timer_years_ahead_comes_on_its_day_and_on_no_other(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Beyond 2038, on a day on which the clocks change, through restarts and thousands of looks."""
    url = f"sqlite:///{tmp_path / 'years.db'}"
    if kind == "postgresql":
        url = address_of(request.getfixturevalue("postgres"))
    steps = """
  - {id: moment, wait until: renewal_date at 02:30}
  - {id: note, send: hello, to: email}
  - {id: long, wait: 400 days}
  - {id: again, send: named, to: email}
"""
    kept: Store = MemoryStore() if kind == "memory" else open_store(url)
    scene = Scene(journey(steps), store=kept)
    scene.person(renewal_date="2039-03-27", first_name="Ada")
    scene.event("signed_up")
    taken: list[Message] = []
    for year in range(2027, 2042):
        if kind != "memory":
            scene.store.close()
            now, adapter = scene.now, scene.adapter
            scene = Scene(journey(steps), store=open_store(url))
            scene.now = now
            taken += adapter.accepted
        scene.until(f"{year}-01-01 00:00")
        assert scene.runner.run_once(scene.now).people == 0
    taken += scene.adapter.accepted
    times = [(m.message, local(m.at, scene.zone).strftime("%Y-%m-%d %H:%M")) for m in taken]
    scene.store.close()

    assert times == [("hello", "2039-03-27 03:30"), ("named", "2040-04-30 03:30")]


# ---------------------------------------------------------------------------------------- downtime

WAITS = """
  - {{id: pause, wait: {minutes} minutes}}
  - {{id: note, send: hello, to: push{more}}}
"""


def test_after_an_hour_of_downtime_overdue_timers_fire_in_their_order(store: Store) -> None:
    """A batch of three at a time, so that it takes many; nobody is passed over."""
    scene = Scene(journey(WAITS.format(minutes=10, more="")), store=store, limit=3)
    names = [f"p{number}" for number in range(12)]
    for name in names:
        scene.person(name)
    for name in reversed(names):
        scene.event("signed_up", name)
        scene.after(MINUTE)
    scene.now += HOUR  # and nothing was done meanwhile
    scene.settle()

    order = [
        scene.store.deliveries([message.id])[message.id].person
        for message in scene.adapter.accepted
    ]
    assert order == names[::-1]


def test_after_a_downtime_caps_and_quiet_hours_are_those_of_now(store: Store) -> None:
    """Three journeys wanted to write in the evening. It is night now, and one a day is the most:
    one message leaves at eight, the others are passed over, and each has its reason.
    """
    journeys = [
        journey(WAITS.format(minutes=10 * number, more=""), f"j{number}") for number in (1, 2, 3)
    ]
    policy = QUIET + "frequency caps: [1 per day on push]\n"
    scene = Scene(*journeys, store=store, policy=policy, start="2026-03-02 20:00")
    scene.person()
    scene.event("signed_up")
    scene.now += 3 * HOUR
    scene.settle()
    assert scene.adapter.messages == []

    scene.until("2026-03-03 12:00")
    assert [local(at, scene.zone).hour for _, at in handed_over(scene)] == [8]
    assert sorted(scene.story("ada", "dropped")) == ["dropped capped", "dropped capped"]


def test_what_was_queued_before_a_downtime_and_is_stale_after_it_is_not_sent(store: Store) -> None:
    """The provider was busy, then we were away; the message was good for half an hour."""
    busy = Rejected(FailureClass.TRANSIENT, "451", "busy")
    scene = Scene(journey(WAITS.format(minutes=1, more=", expires after: 30 minutes")), store=store)
    for name in ("ada", "bob"):
        scene.person(name)
        scene.event("signed_up", name)
    scene.adapter.script(busy, busy)
    scene.after(MINUTE)
    scene.now += HOUR
    scene.settle()

    assert scene.adapter.accepted == []
    for name in ("ada", "bob"):
        assert scene.story(name, "stopped") == ["stopped expired: too late to be useful push"]
        assert scene.store.people([name], ())[name].profile.contacts == ()


def test_after_a_downtime_a_provider_gets_no_more_calls_at_a_time_than_ever(store: Store) -> None:
    """Thirty messages are overdue; the adapter takes eight at a time."""
    scene = Scene(journey(WAITS.format(minutes=1, more="")), store=store)
    for number in range(30):
        scene.person(f"p{number}")
        scene.event("signed_up", f"p{number}")
    scene.now += HOUR
    assert scene.runner.run_once(scene.now).deliveries == 30
    rounds = [0]
    while rounds[-1] < 30:
        asyncio.run(scene.dispatcher.run_once(scene.now))
        rounds.append(len(scene.adapter.messages))

    most = scene.adapter.capabilities.concurrency
    assert max(after - before for before, after in pairwise(rounds)) <= most


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 50)), min_size=1, max_size=25, unique=True
    ),
    st.integers(1, 6),
    st.sampled_from([MINUTE, HOUR, 30 * DAY]),
)
def test_whatever_is_overdue_is_done_in_the_order_in_which_it_was_due(
    timers: list[tuple[int, int]], limit: int, away: Instant
) -> None:
    """For each person, whatever else is overdue and whatever the size of a batch."""
    steps = """
  - {id: moment, wait until: trigger.due_at}
  - {id: note, send: hello, to: push}
"""
    head = "category: service\ntrigger: {event: cart_updated}\none per: trigger.cart_id"
    scene = Scene(journey(steps, head=head), limit=limit)
    for name in {f"p{person}" for person, _ in timers}:
        scene.person(name)
    due: dict[str, Instant] = {}
    for person, minutes in timers:
        at = scene.now + minutes * MINUTE + 3 * HOUR
        text = datetime.fromtimestamp(at / SECOND, scene.zone).isoformat()
        cart = f"{person}-{minutes}"
        scene.event("cart_updated", f"p{person}", cart_id=cart, value="1 EUR", due_at=text)
        due[cart] = at
    scene.now = max(due.values()) + away
    scene.settle()

    for person in {person for person, _ in timers}:
        view = scene.store.people([f"p{person}"], ())[f"p{person}"]
        carts = {run.id: run.key for run in view.runs}
        sent = [carts[each.run] for each in scene.decisions(f"p{person}") if each.what == "sent"]

        mine = [cart for cart in due if cart.startswith(f"{person}-")]
        assert sent == sorted(mine, key=lambda cart: due[cart])
