"""A day's work of a daemon on four channels, between six providers that misbehave: nobody is missed,
nobody is written to twice, and nobody's own business waits for a campaign.

The daemon, its store, its adapters and everything on the wire are real; only its clock is ours, and
goes ahead when there is nothing to do. ``WAYLINE_TEST_DAY`` says how many people take part,
``WAYLINE_TEST_SEED`` plays the same dice again. What came of it is printed.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from secrets import randbelow
from typing import Final

import pytest
from sqlalchemy import URL

from dsl.calendar import MINUTE, Instant
from engine.core.effects import Delivery
from engine.store import open_store
from engine.store.protocol import Store
from tests.channels.http.provider import Fate
from tests.day.daemon import Clock, living
from tests.day.hours import Hours
from tests.day.people import Person, crowd
from tests.day.providers import CHANNELS, Call, Providers, opened
from tests.day.reports import BY
from tests.day.shop import CODES, write_project
from tests.postgres import address_of

pytestmark = pytest.mark.slow

PEOPLE = int(os.environ.get("WAYLINE_TEST_DAY", "100"))  # `make day` has more
SEED = int(os.environ.get("WAYLINE_TEST_SEED", randbelow(1_000_000)))
ASKING = 5
NEXT = 24  # calls
SEVEN: Final[Instant] = 1_772_434_800_000_000  # 2026-03-02 07:00 UTC
SLOT = 15 * MINUTE
TEN, LAST = 12, 64  # slots after seven: the campaign, and the end of the day
SHOPPING = range(8, 40)
OUTAGES: Mapping[str, tuple[range, Fate]] = {
    "postmark": (range(16, 22), Fate.CLOSED),  # 11:00 to 12:30
    "whatsapp": (range(24, 28), Fate.CLOSED),  # 13:00 to 14:00; there is no other
    "twilio": (range(30, 36), Fate.BROKEN),  # 14:30 to 16:00: it takes everything, and says 500
    "fcm": (range(38, 42), Fate.CLOSED),  # 16:30 to 17:30
}


class Lived:
    """What was seen of the day, by providers and in the store."""

    def __init__(self, people: Sequence[Person], providers: Providers) -> None:
        self.people = people
        self.calls = providers.calls
        self.asked = 0  # how many calls there had been when codes were asked for
        self.many = 0  # how often several came in one call
        self.log = ""

    def told(self) -> str:
        """In a line."""
        fates = Counter(call.fate.value for call in self.calls)
        return f"{len(self.people)} people, {len(self.calls)} calls: {dict(fates)}"

    def by_delivery(self) -> dict[str, list[Call]]:
        """All calls about each message, in their order."""
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            found[call.delivery].append(call)
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'wayline.db'}"
    else:
        database: URL = request.getfixturevalue("postgres")
        url = address_of(database)
    with closing(open_store(url)) as kept:
        yield kept


async def live(store: Store, folder: Path) -> Lived:
    """The whole day, until eleven at night."""
    random, clock = Random(SEED), Clock(SEVEN)
    people = crowd(PEOPLE, ASKING, SHOPPING, random)
    project = write_project(folder / "project")
    async with (
        opened(folder, clock.now, random) as (providers, channels),
        living(store, project, channels, clock) as (daemon, session),
    ):
        lived = Lived(people, providers)
        hours = Hours(store, daemon, session, providers, clock)
        await hours.tell([call for each in people for call in each.arrival])
        for slot in range(LAST):
            providers.outage = {by: fate for by, (when, fate) in OUTAGES.items() if slot in when}
            await hours.tell([each.order(slot) for each in people if slot in each.orders])
            if slot == TEN:
                await ask(hours, lived)
            await hours.pass_until(SEVEN + (slot + 1) * SLOT)
        await hours.until(lambda: not daemon.out)  # the last that hang are cut off
        await hours.pass_until(SEVEN + LAST * SLOT + MINUTE)
        lived.log, lived.many = daemon.log.getvalue(), providers.many
    return lived


async def ask(hours: Hours, lived: Lived) -> None:
    """For codes, in the middle of the campaign."""
    first = len(lived.calls)

    def begun() -> bool:
        channels = Counter(call.channel for call in lived.calls[first:])
        return min(channels[each] for each in CODES) > 3

    await hours.until(begun)
    lived.asked = len(lived.calls)
    await hours.tell([each.ask() for each in lived.people if each.asks])


def test_a_day(store: Store, tmp_path: Path) -> None:
    lived = asyncio.run(live(store, tmp_path))
    deliveries = {each.id: each for who in lived.people for each in store.deliveries_of(who.name)}
    calls = lived.by_delivery()
    taken = {name: [each for each in made if each.fate.is_taken] for name, made in calls.items()}
    print(f"{SEED=}", Counter(each.status for each in deliveries.values()), lived.told())

    everybody_gets_everything_once(lived, deliveries, taken)
    only_what_certainly_was_not_taken_goes_to_another(calls)
    nobody_knows_only_of_what_nobody_told(lived, deliveries, calls)
    what_was_told_stands_in_the_history_once(store, lived, deliveries, taken)
    codes_do_not_wait_for_the_campaign(lived, deliveries)
    assert lived.many > 0
    for by in OUTAGES:
        assert f"{CHANNELS[by]}/{by} rests, after 8 failures in a row" in lived.log
        assert f"{CHANNELS[by]}/{by} works again" in lived.log


def everybody_gets_everything_once(
    lived: Lived, deliveries: Mapping[str, Delivery], taken: Mapping[str, Sequence[Call]]
) -> None:
    expected = {who.name: +who.expected for who in lived.people}
    got: dict[str, Counter[str]] = {who.name: Counter() for who in lived.people}
    for each in deliveries.values():
        got[each.person][each.channel] += 1
    assert expected == got
    assert {name: len(made) for name, made in taken.items() if len(made) > 1} == {}
    lost = {
        name: each.status
        for name, each in deliveries.items()
        if each.status not in ("accepted", "unknown")
        or (each.status == "accepted" and not taken[name])
    }
    assert lost == {}


def only_what_certainly_was_not_taken_goes_to_another(calls: Mapping[str, Sequence[Call]]) -> None:
    """And what may have been taken goes nowhere any more."""
    others = 0
    for made in calls.values():
        assert all(each.fate.is_told and not each.fate.is_taken for each in made[:-1]), made
        others += len({each.by for each in made}) > 1
    assert others > 0


def nobody_knows_only_of_what_nobody_told(
    lived: Lived, deliveries: Mapping[str, Delivery], calls: Mapping[str, Sequence[Call]]
) -> None:
    """What lost its answer and was taken is settled by what is told later, if anything is."""
    unknown = {name for name, each in deliveries.items() if each.status == "unknown"}
    silent = {
        name
        for name, (*_, last) in calls.items()
        if not last.fate.is_told and not (last.fate.is_taken and last.by in BY)
    }
    settled = sum(not call.fate.is_told and call.by in BY for call in lived.calls)

    odd = [(calls[name], deliveries[name]) for name in silent ^ unknown]
    assert odd == []
    assert settled > len(unknown)


def what_was_told_stands_in_the_history_once(
    store: Store,
    lived: Lived,
    deliveries: Mapping[str, Delivery],
    taken: Mapping[str, Sequence[Call]],
) -> None:
    """However often it was told, and in whatever order."""
    views = store.people([who.name for who in lived.people], ("message_delivered",))
    told = {
        name: Counter(each.properties["channel"] for each in view.history["message_delivered"])
        for name, view in views.items()
    }
    right: dict[str, Counter[str]] = {who.name: Counter() for who in lived.people}
    for name, made in taken.items():
        right[deliveries[name].person].update(each.channel for each in made if each.by in BY)
    assert told == right


def codes_do_not_wait_for_the_campaign(lived: Lived, deliveries: Mapping[str, Delivery]) -> None:
    """On each channel the first is among the next calls, and when the last but one comes (one may be
    tried again later) there is still much of the campaign to come.
    """
    for channel in CODES:
        calls = [call.delivery for call in lived.calls[lived.asked :] if call.channel == channel]
        journeys = [deliveries[name].journey for name in dict.fromkeys(calls)]
        places = [place for place, journey in enumerate(journeys) if journey == "codes"]
        assert len(places) == ASKING
        assert places[0] <= NEXT, (channel, places)
        assert journeys[places[-2] :].count("campaign") > PEOPLE // 4, (channel, places)
