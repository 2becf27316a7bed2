"""Computed attributes: kept by each event, and at any time what all events together say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR
from dsl.expr.compile import compile_formula
from dsl.expr.context import Context, Happened
from dsl.expr.scope import Scope
from dsl.rest import at_rest
from dsl.source import Text
from engine.core.keeping import Keeping
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.signals import Erased, EventArrived, ProfileChanged
from engine.core.tallying import Computing
from engine.keeper import Keeper
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import SHOP, Scene, journey, program_of
from tests.postgres import address_of

FORMULAS = {
    "orders_count": "count of purchase",
    "lifetime_value": "sum of purchase.total",
    "net": "sum of purchase.total - sum of refund.total",
    "average_order": "average of purchase.total",
    "dearest": "highest purchase.total",
    "cheapest_big": "lowest purchase.total where total > 20 EUR",
    "first_order_at": "first purchase.time",
    "last_order_at": "last purchase.time",
    "last_product": "last viewed.product",
    "first_cart": "first purchase.cart_id",
    "rating": "average of rated.stars",
    "stars": "sum of rated.stars or else 0",
    "regular": "did purchase at least 3 times",
    "lasting": "last purchase.time - first purchase.time",
    "opens": "count of message_opened",
}
PLAN = (
    SHOP["plan.yaml"].replace(
        "profile:\n",
        "profile:\n" + "".join(f"  {name}: = {text}\n" for name, text in FORMULAS.items()),
    )
    + "  refund: {has: {total: money EUR}}\n  rated: {has: {stars: number}}\n"
)
FILES = {**SHOP, "plan.yaml": PLAN}
NOW = 1_772_442_000_000_000
UTC = ZoneInfo("UTC")

TOTALS = st.integers(0, 5000).map(lambda total: {"total": total})
EVENTS = st.one_of(
    st.tuples(st.just("purchase"), TOTALS),
    st.tuples(st.just("purchase"), st.fixed_dictionaries({"cart_id": st.sampled_from("abc")})),
    st.tuples(st.just("refund"), TOTALS),
    st.tuples(st.just("rated"), st.sampled_from([{"stars": 4}, {"stars": "3.75"}, {}])),
    st.tuples(st.just("viewed"), st.sampled_from([{"product": "hat"}, {"product": "bag"}, {}])),
    st.tuples(st.just("message_opened"), st.sampled_from([{"by": "human"}, {"by": "machine"}])),
)
HISTORY = st.lists(st.tuples(EVENTS, st.integers(0, 20)), max_size=25)


def happened(what: tuple[str, Mapping[str, Any]], day: int, number: int) -> Happened:
    name, properties = what
    return Happened(name, NOW - day * DAY, NOW, number, properties)


def recomputed(program: Program, history: Sequence[Happened]) -> dict[str, Any]:
    """What the formulas say of all events at once, as any rule would ask."""
    plan = program.project.plan
    by_name: dict[str, list[Happened]] = {}
    for each in sorted(history, key=lambda one: (one.occurred, one.number)):
        by_name.setdefault(each.name, []).append(each)
    context = Context(NOW, UTC, history=by_name)
    said = {}
    for name, text in FORMULAS.items():
        formula = compile_formula(Text.of(text), Scope(plan), [])
        assert formula is not None
        value = at_rest(formula.value(context), formula.kind)
        if value not in (None, "", []):
            said[name] = value
    return said


@settings(max_examples=60, deadline=None)
@given(HISTORY, st.randoms(use_true_random=False))
def test_in_whatever_order_events_come_they_say_what_all_of_them_say(
    drawn: list[tuple[tuple[str, Mapping[str, Any]], int]], random: Random
) -> None:
    program = PROGRAM
    computing = program.computing
    assert computing is not None
    history = [happened(what, day, number) for number, (what, day) in enumerate(drawn, 1)]
    arriving = random.sample(history, len(history))
    profile = computing.anew(Profile("ada"), {})
    for each in arriving:
        if each.name in computing.by_event:
            profile = computing.after(profile, each)

    assert dict(profile.attributes) == recomputed(program, history)


@settings(max_examples=40, deadline=None)
@given(HISTORY, st.integers(0, 25))
def test_what_two_people_have_together_is_what_one_would_have(
    drawn: list[tuple[tuple[str, Mapping[str, Any]], int]], cut: int
) -> None:
    computing = PROGRAM.computing
    assert computing is not None
    history = [happened(what, day, number) for number, (what, day) in enumerate(drawn, 1)]

    def tallied(events: Sequence[Happened]) -> Mapping[str, Any]:
        profile = computing.anew(Profile("ada"), {})
        for each in events:
            profile = computing.after(profile, each)
        return profile.tallies

    together = computing.joined(tallied(history[:cut]), tallied(history[cut:]))

    assert together == tallied(history)
    assert together == computing.joined(tallied(history[cut:]), tallied(history[:cut]))


PROGRAM = program_of(FILES)

# ------------------------------------------------------------------------------------- stores


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    address = f"sqlite:///{tmp_path / 'people.db'}"
    if request.param == "postgres":
        address = address_of(request.getfixturevalue("postgres"))
    opened = open_store(address)
    yield opened
    opened.close()


def draw(random: Random) -> tuple[str, Mapping[str, Any]]:
    name = random.choice(("purchase", "purchase", "refund", "rated", "viewed"))
    match name:
        case "purchase" | "refund":
            return name, {"total": random.randrange(5000), "cart_id": random.choice("abc")}
        case "rated":
            return name, {"stars": random.choice((4, "3.75"))}
        case _:
            return name, {"product": random.choice(("hat", "bag"))}


def events_of(store: Store, person: str) -> list[Happened]:
    names = ("purchase", "refund", "rated", "viewed", "message_opened")
    view = store.people([person], names)[person]
    return [each for events in view.history.values() for each in events]


def computed(store: Store, person: str) -> dict[str, Any]:
    attributes = store.people([person], ())[person].profile.attributes
    return {name: each for name, each in attributes.items() if name in FORMULAS}


def test_a_crowd_has_what_its_events_say_through_edits_and_restarts(store: Store) -> None:
    """Late, repeated, of one instant, in batches of any size; formulas come, go and change."""
    random = Random(7)
    people = [f"p{number}" for number in range(25)]
    plain = PLAN.replace("= count of purchase\n", "whole number\n")
    without = program_of({**SHOP, "plan.yaml": plain})
    programs = {0: PROGRAM, 3: without, 5: PROGRAM, 6: program_of(SHOP), 8: without, 9: PROGRAM}
    count, runner = 0, Runner(store, PROGRAM)
    for turn in range(12):
        now = NOW + turn * HOUR
        arrivals: list[Any] = []
        for _ in range(random.randrange(40)):
            count += 1
            what, person = draw(random), random.choice(people)
            occurred = now - random.randrange(5) * DAY
            event = Happened(what[0], occurred, now, 0, what[1])
            arrivals.append(EventArrived(f"e{count - random.choice((0, 0, 0, 1))}", person, event))
            if random.random() < 0.2:
                told = {"country": "de", "orders_count": 99}
                arrivals.append(ProfileChanged(f"c{count}", person, now, 0, told, {}))
        store.append(arrivals)
        if turn in programs:
            runner = Runner(store, programs[turn])
        while runner.run_once(now, random.choice((1, 3, 1000))).people:
            pass
    store.append([ProfileChanged(f"z{each}", each, NOW + DAY, 0, {}, {}) for each in people])
    while runner.run_once(NOW + DAY).people:
        pass

    assert count > 150
    for person in people:
        assert computed(store, person) == recomputed(PROGRAM, events_of(store, person)), person


def test_who_is_forgotten_begins_again(store: Store) -> None:
    runner = Runner(store, PROGRAM)
    order = Happened("purchase", NOW, NOW, 0, {"total": 500})
    store.append([EventArrived("a", "ada", order)])
    runner.run_once(NOW)
    store.append([Erased("b", "ada", NOW, 0), EventArrived("c", "ada", order)])
    runner.run_once(NOW)

    assert computed(store, "ada")["orders_count"] == 1
    store.append([Erased("d", "ada", NOW, 0)])
    runner.run_once(NOW)
    assert "ada" not in store.people(["ada"], ())


def test_it_stays_when_the_events_go(tmp_path: Path) -> None:
    """What is kept of events that were let go of is their sum, and a new formula that shares it."""
    more = PLAN.replace("  net:", "  half: = sum of purchase.total / 2\n  net:")
    with_more = program_of({**FILES, "plan.yaml": more})
    store = open_store(f"sqlite:///{tmp_path / 'people.db'}")
    for number in range(3):
        order = Happened("purchase", NOW + number, NOW + number, 0, {"total": 500})
        store.append([EventArrived(f"o{number}", "ada", order)])
    Runner(store, PROGRAM).run_once(NOW + DAY)
    keeper, later = Keeper(store), NOW + 400 * DAY
    assert keeper.begin(later)
    keeping = Keeping(30 * DAY, None, None, None, {}, {})
    while keeper.run_once(keeping, later).more:
        pass
    assert not events_of(store, "ada")
    store.append([EventArrived("new", "ada", Happened("purchase", later, later, 0, {"total": 1}))])
    Runner(store, with_more).run_once(later)

    assert computed(store, "ada")["orders_count"] == 4
    assert computed(store, "ada")["lifetime_value"] == 1501
    assert store.people(["ada"], ())["ada"].profile.attributes["half"] == 751
    store.close()


# -------------------------------------------------------------------------------------- rules


def test_rules_segments_and_texts_see_them_with_the_event_that_changes_them() -> None:
    steps = "  - {id: greet, send: hello, to: email}\n"
    head = (
        "trigger: {event: purchase}\neligible if: in segment regulars and lifetime_value > 50 EUR"
    )
    files = {**FILES, "segments.yaml": "segments:\n  regulars: {who: orders_count >= 2}\n"}
    scene = Scene(journey(steps, head=head), files=files)
    scene.person()
    scene.event("purchase", total="40 EUR")
    assert scene.sent == []
    scene.event("purchase", total="20 EUR", happened="2026-03-02 09:00")

    assert scene.sent == ["2026-03-02 10:00 hello email"]


def test_a_deploy_computes_anew_of_everybody_who_is_known(store: Store) -> None:
    scene = Scene(journey("  - {id: greet, send: hello, to: email}\n"), store=store)
    for name in ("ada", "bob", "cyd"):
        scene.person(name)
    scene.event("purchase", "ada", total="40 EUR")
    scene.event("purchase", "bob", total="20 EUR")
    plan = SHOP["plan.yaml"].replace("profile:\n", "profile:\n  bought: = count of purchase\n")
    scene.edit(journey("  - {id: greet, send: hello, to: email}\n"), files={"plan.yaml": plan})

    def bought() -> list[Any]:
        views = store.people(["ada", "bob", "cyd"], ())
        return [each.profile.attributes["bought"] for each in views.values()]

    assert bought() == [1, 1, 0]
    plan = plan.replace("count of purchase", "count of purchase where total > 30 EUR")
    scene.edit(journey("  - {id: greet, send: hello, to: email}\n"), files={"plan.yaml": plan})
    assert bought() == [1, 0, 0]


def test_where_nothing_is_computed_nothing_is_kept() -> None:
    scene = Scene(journey("  - {id: greet, send: hello, to: email}\n"))
    scene.person()
    scene.event("purchase", total="40 EUR")

    assert scene.program.computing is None
    assert scene.store.people(["ada"], ())["ada"].profile.tallies == {}


def test_only_what_an_event_changes_is_asked() -> None:
    computing = PROGRAM.computing
    assert isinstance(computing, Computing)

    def counted(event: str) -> int:
        return len(computing.by_event[event])

    assert {each: counted(each) for each in ("refund", "viewed")} == {"refund": 1, "viewed": 1}
    profile = computing.anew(Profile("ada"), {})
    assert computing.after(profile, Happened("viewed", 1, 1, 1, {})).tallies.keys() == (
        profile.tallies.keys()
    )
