"""What must hold for every message of the year, asked a second time, from the data alone.

Every third customer's year every day, and that of all 4,372 with ``make year``.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import pytest

from dsl.calendar import DAY, Duration, Instant, local, subtract
from dsl.compiler import Compiled, compile_folder
from dsl.machine import Send
from engine.report.page import html_report
from engine.simulate.results import Results
from engine.simulate.script import find_scripts
from engine.simulate.simulation import Simulation, simulate, write_simulation
from engine.simulate.work import Job

SHOP = Path(__file__).resolve().parents[2] / "examples" / "online_retail"
LONDON = ZoneInfo("Europe/London")
EVERY = 1 if "WAYLINE_TEST_YEAR" in os.environ else 3  # one of so many customers is replayed
WHOLE = {1: (4_372, 18_536, 3_654), 3: (1_487, 6_369, 1_266)}  # people, orders, refunds


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_folder(SHOP)


class Sent(NamedTuple):
    """One message that was handed over."""

    at: Instant
    channel: str
    category: str
    journey: str
    step: str
    run: str


class Person(NamedTuple):
    """What the year was for one person."""

    id: str
    zone: ZoneInfo
    sent: Sequence[Sent]
    orders: Sequence[Instant]
    refunds: Sequence[Instant]
    consents: Sequence[tuple[Instant, str, str, bool]]
    decisions: Sequence[Any]

    def clock(self, instant: Instant) -> datetime:
        return local(instant, self.zone)


class Year(NamedTuple):
    simulation: Simulation
    people: Sequence[Person]

    def promotional(self) -> Iterator[tuple[Person, Sent]]:
        for person in self.people:
            for sent in person.sent:
                if sent.category == "promotional":
                    yield person, sent


@pytest.fixture(scope="module")
def year(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Year:
    assert compiled.project is not None
    folder = tmp_path_factory.mktemp("year")
    scripts = tuple(told_by(EVERY, script, folder) for script in find_scripts(SHOP))
    done = simulate(compiled.project, Job(SHOP, scripts), 2 if EVERY == 1 else 1)
    write_simulation(folder, done)
    results = Results(folder)
    people = [person_of(results, row.person) for row in done.rows]
    results.close()
    return Year(done, people)


def told_by(every: int, script: Path, folder: Path) -> Path:
    """What one of so many customers did, to the letter."""
    if every == 1:
        return script
    part = folder / script.name
    with gzip.open(script) as whole, gzip.open(part, "wb", compresslevel=1) as some:
        some.writelines(line for line in whole if int(orjson.loads(line)["userId"]) % every == 0)
    return part


def person_of(results: Results, name: str) -> Person:
    view = results.people([name], results.names.events)[name]
    categories = {(d.run, d.step, d.channel): d.category for d in results.deliveries_of(name)}
    decisions = results.decisions(name)
    sent = [
        Sent(d.at, d.channel, categories[d.run, d.step, d.channel], d.journey, d.step, d.run)
        for d in decisions
        if d.what == "handed over"
    ]
    consents = [
        (each.occurred, each.properties["category"], each.properties["channel"], granted)
        for event, granted in (("consent_granted", True), ("consent_withdrawn", False))
        for each in view.history.get(event, ())
    ]
    return Person(
        id=name,
        zone=ZoneInfo(view.profile.attributes.get("time_zone", "Europe/London")),
        sent=sorted(sent),
        orders=[each.occurred for each in view.history.get("order_completed", ())],
        refunds=[each.occurred for each in view.history.get("order_refunded", ())],
        consents=sorted(consents),
        decisions=decisions,
    )


pytestmark = pytest.mark.slow


def test_the_whole_year_is_replayed(year: Year) -> None:
    tally = year.simulation.tally

    assert year.simulation.refused == []
    events = tally.events["order_completed"], tally.events["order_refunded"]
    assert (tally.people, *events) == WHOLE[EVERY]


def test_every_journey_and_every_channel_is_used(year: Year) -> None:
    journeys = year.simulation.tally.journeys
    project = year.simulation.project

    for name, machine in project.machines.items():
        steps = [step.id for step in machine.code if isinstance(step, Send)]
        assert all(journeys[name].steps[step].sent for step in steps), name
    assert set().union(*(journey.sent for journey in journeys.values())) == {"email", "push", "sms"}


def test_nobody_got_more_promotional_messages_than_the_policy_allows(year: Year) -> None:
    for person, sent in year.promotional():
        start = subtract(sent.at, Duration(days=7), person.zone)
        lately = [other for other in person.sent if start < other.at <= sent.at]

        assert sum(other.category == "promotional" for other in lately) <= 2
        assert len(lately) <= 5


def test_nobody_got_two_pushes_a_day_or_two_sms_a_week(year: Year) -> None:
    for person, sent in year.promotional():
        before = [other for other in person.sent if other.channel == sent.channel and other < sent]
        if sent.channel == "push":
            today = person.clock(sent.at).date()
            assert all(person.clock(other.at).date() != today for other in before)
        if sent.channel == "sms":
            start = subtract(sent.at, Duration(days=7), person.zone)
            assert all(other.at <= start for other in before)


def test_nobody_was_woken_up(year: Year) -> None:
    noisy = [(p, sent) for p in year.people for sent in p.sent if sent.channel != "email"]

    assert noisy
    for person, sent in noisy:
        clock = person.clock(sent.at)
        assert 8 <= clock.hour < 21
        assert sent.channel != "sms" or clock.weekday() != 6


def test_nobody_got_a_promotional_message_without_consent(year: Year) -> None:
    for person, sent in year.promotional():
        said = [
            granted
            for when, category, channel, granted in person.consents
            if (category, channel) == ("promotional", sent.channel) and when <= sent.at
        ]
        assert said
        assert said[-1]


def test_the_companys_holdout_got_nothing_promotional(year: Year) -> None:
    """It is drawn at the door; in a journey that ignores it, at the promotional message itself."""
    asked_later = {"thanks_and_review", "refund_care"}
    for person in year.people:
        doors = drawn_at(person)
        for sent in person.sent:
            if sent.category == "promotional":
                drawn = sent.at if sent.journey in asked_later else doors[sent.run]
                scope = f"policy/holdout/{quarter(local(drawn, LONDON).date())}"
                digest = sha256(f"v1|{scope}|{person.id}".encode()).digest()
                assert int.from_bytes(digest[:8], "big") / 2**64 >= 0.05


def drawn_at(person: Person) -> dict[str, Instant]:
    """When each run's arm was drawn: a run that began again keeps that of the one before."""
    drawn: dict[str, Instant] = {}
    again: dict[tuple[str, Instant], Instant] = {}
    for decision in person.decisions:
        door = decision.journey, decision.at
        if decision.what == "entered":
            drawn[decision.run] = again.get(door, decision.at)
        elif decision.reason == "restart":
            again[door] = drawn.get(decision.run, decision.at)
    return drawn


def quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def test_win_back_only_speaks_to_those_who_were_silent(year: Year) -> None:
    spoken = [(p, s) for p, s in year.promotional() if s.journey == "win_back"]

    assert spoken
    for person, sent in spoken:
        silent = subtract(sent.at, Duration(days=60), person.zone)
        assert not [when for when in person.orders if silent < when <= sent.at]
        assert len([when for when in person.orders if when <= sent.at]) >= 2


def test_second_order_only_speaks_to_those_with_one_order(year: Year) -> None:
    spoken = [(p, s) for p, s in year.promotional() if s.journey == "second_order"]

    assert spoken
    for person, sent in spoken:
        assert len([when for when in person.orders if when <= sent.at]) == 1


def test_nobody_who_sends_something_back_is_asked_how_it_was(year: Year) -> None:
    asked = [(p, s) for p, s in year.promotional() if s.step == "review"]

    assert asked
    for person, sent in asked:
        thanks = [s.at for s in person.sent if s.run == sent.run and s.step == "thanks"]
        for thanked in thanks:
            assert not [when for when in person.refunds if thanked < when < thanked + 10 * DAY]


def test_both_arms_of_a_holdout_have_their_share(year: Year) -> None:
    for name, share in (("second_order", 0.1), ("win_back", 0.1), ("big_spenders", 0.15)):
        journey = year.simulation.tally.journeys[name]
        held = journey.held_out / (journey.held_out + journey.entered)
        assert share < held < share + 0.12  # and the company's five percent on top


def test_every_message_not_sent_has_a_reason(year: Year) -> None:
    """Each run that reached a send step has a word about it: sent, or why not, or it left first."""
    for person in year.people:
        waits: dict[tuple[str, str], str] = {}
        for decision in person.decisions:
            if decision.what == "waits":
                waits[decision.run, decision.step] = decision.reason
            elif decision.what in ("sent", "dropped"):
                waits.pop((decision.run, decision.step), None)
            elif decision.what == "left":
                for run, step in [key for key in waits if key[0] == decision.run]:
                    del waits[run, step]
        last = datetime(2011, 12, 8, tzinfo=UTC) - timedelta(days=2)
        assert not waits or person.decisions[-1].at > last.timestamp() * 1_000_000


def test_the_report_of_the_year_is_whole(year: Year) -> None:
    page = html_report(year.simulation)

    for name in year.simulation.project.machines:
        assert f'id="{name}"' in page
    assert page.count("<svg") == 1 + len(year.simulation.project.machines)
    assert len(page) < 1_000_000
