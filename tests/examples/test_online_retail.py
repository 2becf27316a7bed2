"""The example is what it says: real orders, people made up and labelled so, rules that hold.

What must hold for every message of the year is asked here a second time, from the data alone.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from channels.email.settings import SmtpSettings
from dsl.calendar import DAY, Duration, Instant, local, subtract
from dsl.compiler import Compiled, compile_folder
from dsl.machine import Emit, Listen, Send, SetProfile, Split, Timer, Until
from dsl.render import render
from engine.config import read_settings
from engine.report.page import html_report
from engine.simulate.results import Results
from engine.simulate.script import find_scripts
from engine.simulate.simulation import Simulation, simulate, write_simulation
from engine.simulate.work import Job

SHOP = Path(__file__).resolve().parents[2] / "examples" / "online_retail"
ORDERS = SHOP / "data" / "orders.jsonl.gz"
PEOPLE = SHOP / "data" / "people-made-up.jsonl.gz"
LONDON = ZoneInfo("Europe/London")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_folder(SHOP)


# ------------------------------------------------------------------------------------ the data


def test_the_orders_are_all_there() -> None:
    events: Counter[str] = Counter()
    people = set()
    for order in lines(ORDERS):
        events[order["event"]] += 1
        people.add(order["userId"])

    assert events == {"Order Completed": 18_536, "Order Refunded": 3_654}
    assert len(people) == 4_372


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("people", SHOP / "people.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_people_can_be_made_up_again(generator: ModuleType) -> None:
    assert generator.people(lines(ORDERS)) == list(lines(PEOPLE))


def test_everybody_is_labelled_as_made_up() -> None:
    told = [call["traits"] for call in lines(PEOPLE) if call["type"] == "identify"]

    assert len(told) == 4_372
    assert all(traits["made_up"] is True for traits in told)


def test_no_address_can_belong_to_anybody() -> None:
    fictitious = ("+447700900", "+4917139200", "+336399800")
    for call in lines(PEOPLE):
        traits = call.get("traits", {})
        host = traits.get("email", "@example.com").split("@")[1]
        assert host in ("example.com", "example.org", "example.net")
        assert traits.get("phone", "+447700900000").startswith(fictitious)
        token = call.get("context", {}).get("device", {}).get("token", "made-up-")
        assert token.startswith("made-up-")


def test_time_zones_and_languages_are_those_of_the_country() -> None:
    zones = {ZoneInfo(call["traits"]["time_zone"]).key for call in told_with("time_zone")}
    german = {call["traits"]["language"] for call in told_with("country") if is_in(call, "DE")}
    french = {call["traits"]["language"] for call in told_with("country") if is_in(call, "FR")}

    assert len(zones) > 30
    assert (german, french) == ({"de"}, {"fr"})


def told_with(trait: str) -> list[dict[str, Any]]:
    return [call for call in lines(PEOPLE) if trait in call.get("traits", {})]


def is_in(call: dict[str, Any], country: str) -> bool:
    return bool(call["traits"]["country"] == country)


# --------------------------------------------------------------------------------- the project


def test_the_project_has_no_mistakes_and_no_warnings(compiled: Compiled) -> None:
    assert render(compiled.diagnostics, compiled.sources) == ""
    assert compiled.project is not None


def test_every_construct_that_is_built_is_shown(compiled: Compiled) -> None:
    assert compiled.project is not None
    machines = compiled.project.machines.values()
    kinds = {type(step) for machine in machines for step in machine.code}
    sends = [step for m in machines for step in m.code if isinstance(step, Send)]

    assert {Timer, Until, Listen, Send, Split, SetProfile, Emit} <= kinds
    assert any(send.every for send in sends)
    assert any(choice.when for send in sends for choice in send.choices)
    assert {channel.channel for send in sends for channel in send.choices} == {
        "email",
        "push",
        "sms",
    }
    assert sum(machine.holdout > 0 for machine in machines) >= 3
    assert sum(bool(machine.caps) for machine in machines) >= 3
    assert sum(bool(machine.exclude) for machine in machines) >= 3
    assert sum(machine.goal is not None for machine in machines) >= 3


def test_every_text_is_there_in_three_languages(compiled: Compiled) -> None:
    assert not [one for one in compiled.diagnostics if one.code == "W120"]
    assert compiled.project is not None
    assert compiled.project.policy.languages == ("en", "de", "fr")


def test_it_can_be_served_as_it_is() -> None:
    settings = read_settings(SHOP / "wayline.toml", {})

    assert set(settings.channels) == {"email", "push", "sms"}
    assert {channel.adapter for channel in settings.channels.values()} == {"file"}


def test_the_mail_server_in_the_comment_is_one_that_can_be_set_up(tmp_path: Path) -> None:
    text = (SHOP / "wayline.toml").read_text(encoding="utf-8")
    commented = text[text.index("# [channels.email]") :].splitlines()
    path = tmp_path / "wayline.toml"
    path.write_text("\n".join(line.removeprefix("# ") for line in commented), encoding="utf-8")

    settings = read_settings(path, {"SMTP_PASSWORD": "not a real one"})

    smtp = settings.channels["email"]
    assert smtp.adapter == "smtp"
    SmtpSettings.model_validate(dict(smtp.of_adapter))


# ------------------------------------------------------------------------------------ the year


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
    done = simulate(compiled.project, Job(SHOP, tuple(find_scripts(SHOP))), 2)
    write_simulation(folder, done)
    results = Results(folder)
    people = [person_of(results, row.person) for row in done.rows]
    results.close()
    return Year(done, people)


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

    assert tally.people == 4_372
    assert tally.events["order_completed"] + tally.events["order_refunded"] >= 22_180
    assert sum(tally.events.values()) + len(year.simulation.refused) >= 22_190


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
