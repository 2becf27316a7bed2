"""What is let go of makes no difference: whatever happens afterwards happens as if it were there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from channels.message import Message
from dsl.calendar import DAY, Instant
from engine.core.effects import Delivery
from engine.core.run import Run
from engine.keeper import Keeper, keeping_of
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey
from tests.postgres import address_of, emptied

POLICY = """
frequency caps:
  - 3 per 20 days about promotional
when capped: skip
late events: {accept for waits: 2 days, ignore for starts: 3 days}
"""
KEEP = "keep: {events: 30 days, story: 30 days, texts: 3 days}\n"

SEGMENTS = """
segments:
  staff: {who: email ends with "@shop.example"}
  busy: {who: count of viewed in the last 45 days >= 2}
"""

JOURNEYS = (
    journey(
        """
  - {id: greet, send: hello, to: email}
  - {id: long, wait: 50 days}
  - if: greet was clicked
    then:
      - {id: thanks, send: named, to: push}
  - if: did cart_updated since entry
    then:
      - {id: bought, send: hello, to: push}
  - id: look
    wait for: viewed
    looking back: 40 days
    at most: 25 days
    then:
      - {id: offered, send: hello, to: push}
""",
        "slow",
        "re-enter: after 70 days since leaving\ngoal: did finished since entry\ngoal within: 90 days",
    ),
    journey("  - {id: once, send: hello, to: push}", "first_time", "re-enter: never"),
    journey(
        """
  - if: count of viewed in the last 40 days >= 3
    then: [{id: a, send: hello, to: email}]
  - if: count of purchase is 2
    then: [{id: b, send: named, to: push}]
  - if: did signed_up in the last 35 days followed by viewed within 20 days
    then: [{id: c, send: hello, to: push}]
""",
        "counting",
        "trigger: {event: viewed}\none per: trigger.product\nre-enter: after 40 days since entering",
    ),
    journey(
        """
  - id: drawn
    split:
      one 50%: [{id: d, send: hello, to: push}]
      two 50%: [{id: e, send: hello, to: email}]
    reassign: every time
""",
        "turns",
        "trigger: {enters segment: busy}\nre-enter: any time\nexclude if: messaged in the last 25 days",
    ),
)
PEOPLE = ("ada", "bob")
EVENTS = {
    "signed_up": ({},),
    "viewed": ({"product": "tea"}, {"product": "cup"}),
    "purchase": ({"total": "20 EUR"},),
    "finished": ({},),
    "cart_updated": ({"cart_id": "c", "value": "9 EUR"},),
}
LATELY = 25 * DAY
"""What is told again, or told of a message, comes no later than things are kept."""

Move: TypeAlias = tuple[Any, ...]
_HAPPENS = st.tuples(
    st.just("event"),
    st.sampled_from(PEOPLE),
    st.sampled_from([(name, each) for name, kinds in EVENTS.items() for each in kinds]),
    st.integers(0, 4),  # days late
)
MOVES = st.one_of(
    _HAPPENS,
    _HAPPENS,
    st.tuples(st.just("pass"), st.integers(5, 40)),
    st.tuples(st.just("keep house"), st.sampled_from([1, 3, 500])),
    st.tuples(st.just("again"), st.integers(0, 9)),
    st.tuples(st.just("receipt"), st.integers(0, 9), st.sampled_from(["clicked", "failed"])),
)


class Play:
    """A script on one store."""

    def __init__(self, store: Store, *, keeps_house: bool) -> None:
        self.keeps_house = keeps_house
        self.scene = Scene(
            *JOURNEYS,
            policy=POLICY + KEEP,
            files={"segments.yaml": SEGMENTS},
            store=store,
            start="2026-01-05 10:00",
        )
        self.told: list[tuple[Instant, str, str, dict[str, Any], str]] = []
        self.gone: Counter[str] = Counter()
        self._steps: dict[str, str] = {}
        for name in PEOPLE:
            self.scene.person(name, first_name=name.title())

    @property
    def outcome(self) -> list[tuple[str, str, str]]:
        return [(m.id, m.channel, m.address) for m in self.scene.adapter.accepted]

    @property
    def steps(self) -> list[str]:
        """The steps that sent something, in order."""
        return list(self._steps.values())

    def do(self, move: Move) -> None:
        scene = self.scene
        match move:
            case ("pass", days):
                scene.after(days * DAY)
            case ("event", person, (name, values), late):
                happened = scene.clock(scene.now - late * DAY)
                self.told.append((scene.now, name, person, values, happened))
                self._tell(len(self.told) - 1)
            case ("again", back):
                place = len(self.told) - 1 - back
                if place >= 0 and self.told[place][0] > scene.now - LATELY:
                    self._tell(place)
            case ("receipt", back, what):
                sent = scene.adapter.accepted[::-1]
                for message in sent[back : back + 1]:
                    if message.at > scene.now - LATELY or self._is_inside(message):
                        who = message.address.removeprefix("token-").partition("@")[0]
                        scene.receipt(message.id, what, person=who)
            case ("keep house", limit) if self.keeps_house:
                self._keep_house(limit)

        self._steps.update(
            (each.id, each.step) for person in PEOPLE for each in scene.store.deliveries_of(person)
        )

    def _tell(self, place: int) -> None:
        _, name, person, values, happened = self.told[place]
        self.scene.event(name, person, happened=happened, named=f"told {place}", **values)

    def _is_inside(self, message: Message) -> bool:
        """Whether whoever got it is still in the journey that sent it."""
        return any(
            run.journey == message.journey
            for person in PEOPLE
            for run in inside(self.scene.store, person)
            if message.id in {each.id for each in self.scene.store.deliveries_of(person)}
        )

    def _keep_house(self, limit: int) -> None:
        keeper, keeping = Keeper(self.scene.store), keeping_of(self.scene.program.project)
        keeping = keeping._replace(deliveries=keeping.story)  # sooner than in earnest
        while (kept := keeper.run_once(keeping, self.scene.now, limit)).more:
            self.gone.update(kept.gone)
        self.scene.store.tidy()


def inside(store: Store, person: str) -> list[Run]:
    return [run for run in store.people([person], ())[person].runs if run.status != "closed"]


def compare(moves: Sequence[Move], kept: Store) -> Play:
    """Plays a script in memory, and on a store whose house is kept where it says so."""
    bare = MemoryStore()
    with closing(kept):
        one, other = Play(bare, keeps_house=False), Play(kept, keeps_house=True)
        for move in moves:
            one.do(move)
            other.do(move)
        for play in (one, other):
            play.do(days(100))
        assert other.outcome == one.outcome
        for person in PEOPLE:
            assert inside(kept, person) == inside(bare, person)
            profiles = [each.people([person], ())[person].profile for each in (bare, kept)]
            assert profiles[0] == profiles[1]
            _is_the_end(kept.decisions(person), bare.decisions(person))
            _is_the_end(
                [each.id for each in kept.deliveries_of(person)],
                [each.id for each in bare.deliveries_of(person)],
            )
    return other


def _is_the_end(some: Sequence[object], all_of_it: Sequence[object]) -> None:
    assert some == all_of_it[len(all_of_it) - len(some) :]


def in_a_file(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'wayline.db'}")


def event(name: str, person: str = "ada", late: int = 0, **values: Any) -> Move:
    return ("event", person, (name, values), late)


SIGNED, FINISHED = event("signed_up"), event("finished")
TEA, CUP = event("viewed", product="tea"), event("viewed", product="cup")
BUY, CART = event("purchase", total="20 EUR"), event("cart_updated", cart_id="c", value="9 EUR")
CLEAN = ("keep house", 500)


def days(number: int) -> Move:
    return ("pass", number)


@pytest.mark.parametrize(
    ("moves", "sent"),
    [
        pytest.param(
            [TEA, TEA, days(36), CLEAN, CUP],
            ["d", "a"],
            id="a rule looks back further than is kept",
        ),
        pytest.param(
            [BUY, days(60), CLEAN, BUY, days(50), CLEAN, CUP], ["b"], id="a rule asks for all time"
        ),
        pytest.param(
            [SIGNED, days(1), TEA, days(33), CLEAN, CUP],
            ["once", "greet", "c", "c", "offered"],
            id="what follows something is kept with it",
        ),
        pytest.param(
            [SIGNED, days(90), CLEAN, days(90), CLEAN, SIGNED],
            ["once", "greet", "greet"],
            id="nobody comes twice who may not, and who may does",
        ),
        pytest.param(
            [SIGNED, days(79), CLEAN, days(40), CLEAN, SIGNED, days(36), CLEAN, SIGNED],
            ["once", "greet", "greet"],
            id="not so soon again",
        ),
        pytest.param(
            [SIGNED, CART, days(45), CLEAN, days(20)],
            ["once", "greet", "bought"],
            id="what happened since somebody entered",
        ),
        pytest.param(
            [SIGNED, days(1), ("receipt", 0, "clicked"), days(45), CLEAN, days(20)],
            ["once", "greet", "thanks"],
            id="what became of a message of somebody inside",
        ),
        pytest.param(
            [SIGNED, days(40), CLEAN, ("receipt", 0, "clicked"), days(20)],
            ["once", "greet", "thanks"],
            id="what is told of a message late, of somebody inside",
        ),
        pytest.param(
            [TEA, CUP, days(50), CLEAN, TEA, TEA, days(60), CLEAN, TEA, CUP, days(60), CLEAN, TEA],
            None,
            id="how often somebody has come",
        ),
        pytest.param(
            [TEA, CUP, days(24), CLEAN, ("again", 0), ("again", 1), days(8), CLEAN, TEA],
            None,
            id="what is told twice",
        ),
        pytest.param(
            [SIGNED, FINISHED, days(35), CLEAN, SIGNED, days(36), CLEAN, SIGNED],
            ["once", "greet", "greet"],
            id="who has left by the goal",
        ),
    ],
)
def test_what_still_matters_stays(
    tmp_path: Path, moves: list[Move], sent: list[str] | None
) -> None:
    play = compare(moves, in_a_file(tmp_path))

    if sent is not None:
        assert play.steps == sent


def test_whoever_finds_a_letter_of_last_year_can_still_unsubscribe_by_it(tmp_path: Path) -> None:
    with closing(in_a_file(tmp_path)) as store:
        play = Play(store, keeps_house=True)
        play.do(SIGNED)
        scene = play.scene
        letter = store.deliveries_of("ada")[0].id

        def a_while_later(number: int) -> Delivery | None:
            scene.after(number * DAY)
            keeper = Keeper(store)
            while keeper.run_once(keeping_of(scene.program.project), scene.now).more:
                pass
            return store.deliveries([letter]).get(letter)

        kept = a_while_later(399)
        assert kept is not None
        assert (kept.person, kept.category, kept.parts) == ("ada", "promotional", {})
        assert a_while_later(2) is None


def test_the_same_holds_in_postgresql(postgres: URL) -> None:
    moves = [SIGNED, CART, TEA, TEA, BUY, days(36), CLEAN, CUP, ("receipt", 0, "clicked")]
    moves += [days(60), CLEAN, BUY, SIGNED, CUP, days(90), CLEAN]

    play = compare(moves, emptied(address_of(postgres)))

    assert play.gone["arrivals"] > 10
    assert play.gone["deliveries"] > 0
    assert play.gone["runs"] > 0


@given(moves=st.lists(MOVES, min_size=20, max_size=40))
@settings(max_examples=int(os.environ.get("WAYLINE_TEST_KEEPING", "8")), deadline=None)
def test_nothing_that_went_is_missed(moves: list[Move]) -> None:
    """A longer look: WAYLINE_TEST_KEEPING=500."""
    with TemporaryDirectory() as folder:
        compare(moves, in_a_file(Path(folder)))
