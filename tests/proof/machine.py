"""The state machine that looks for a promise that is not kept: a whole engine, and everything that can
happen to it, in any order. Beside it the same happens to another one, which goes person by person and
is restarted all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from channels.message import Message
from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from engine.core.signals import Arrival
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.proof.choices import (
    BETWEEN,
    PEOPLE,
    carts,
    changes,
    deaths,
    fates,
    lateness,
    lengths,
    minds,
    somebody,
    workers,
)
from tests.proof.firm import PAUSING, versions
from tests.proof.found import UNSAID, Call, Found
from tests.proof.known import Known
from tests.proof.lives import START, Move, arrival_of, beginning
from tests.proof.promises import PROMISES, Breach, Promises
from tests.proof.recording import recorded
from tests.proof.telling import Line, Passage, Seen
from tests.proof.whole import Death, Fate, Whole

__all__ = ["Life"]

MONTH = 31 * DAY


class Life(RuleBasedStateMachine):
    """Two people, two workers, one provider."""

    def __init__(self) -> None:
        super().__init__()
        self._known = Known()
        project = versions()
        self._promises = Promises(self._known, PEOPLE, project)
        self._store = self._open()
        self._one = Whole(self._store, project, START, self._watch, self._advanced)
        self._other = Whole(MemoryStore(), project, START, lambda _, __: None, workers=1)
        self._all = (self._one, self._other)
        self._arrived: list[tuple[Instant, Arrival]] = []
        self._unsaid: dict[str, None] = {}
        self._steps: list[str] = []
        self._count = 0
        self._backward = False
        self.inside = False
        self.calls: list[Call] = []

    def _open(self) -> Store:
        return MemoryStore()

    def close(self) -> None:
        self._store.close()

    # ------------------------------------------------------------------------------- watching

    def _watch(self, whole: Whole, message: Message) -> None:
        self._promises.handed(whole, message, whole.now)

    def _advanced(self, now: Instant) -> None:
        self._promises.processed(self._known.processed(now))

    def _step(self, words: str, act: Callable[[], object]) -> None:
        self._steps.append(words)
        act()
        self._promises.rests(self._one)
        self._judge()

    def _judge(self) -> None:
        if self._promises.breaches:
            first = self._promises.breaches[0]
            words = f"Promise {first.number} is broken: {PROMISES[first.number]}\n  {first.words}"
            files = versions()[0].files
            raise Found(words, files, self._told(), first.number, self.calls, self._passage(first))

    def _told(self) -> list[str]:
        return [*self._steps, *(f"({UNSAID}: {each})" for each in self._unsaid)]

    # ---------------------------------------------------------------------------- what happens

    def _take(self, move: Move, words: str) -> None:
        self._count += 1
        arrivals = arrival_of(
            move,
            self._count,
            self._one.now,
            self._store.deliveries_of(move.person),
            [each for _, each in self._arrived],
        )
        if arrivals:
            self._append(arrivals, words)

    def _append(self, arrivals: Sequence[Arrival], words: str) -> None:
        def act() -> None:
            fresh = self._known.arrived(arrivals)
            self._arrived += [(self._one.now, each) for each in arrivals]
            for each in self._all:
                if each.append(arrivals).accepted != fresh:
                    said = "what is new is taken for old, or the other way round"
                    self._promises.breaches.append(Breach(4, said))

        self._step(words, act)

    @initialize(hour=st.sampled_from((0, 4, 5)), cart=carts)
    @recorded
    def begin(self, hour: int, cart: str) -> None:
        """It is four, eight or nine in the afternoon in Berlin."""
        words = "ada and bob can be reached and have agreed to be"
        self._append(beginning(PEOPLE), words)
        self._go_on(0, 1000)
        if hour:
            self._move(hour * HOUR, f"{hour} hours pass")
        self.fills_a_cart(person="ada", cart=cart, late=0)
        self.signs_up(person="ada", late=0)
        self.signs_up(person="bob", late=0)

    def _happens(
        self, person: str, name: str, values: Mapping[str, Any], late: Instant = 0
    ) -> None:
        when = f", {late // MINUTE} minutes ago" if late else ""
        move = Move(0, person, "event", name, values, late)
        self._take(move, f"{person}: {name} {dict(values) or ''}{when}")

    @rule(person=somebody, late=lateness)
    @recorded
    def signs_up(self, person: str, late: Instant) -> None:
        self._happens(person, "signed_up", {}, late)

    @rule(person=somebody, cart=carts, late=lateness)
    @recorded
    def fills_a_cart(self, person: str, cart: str, late: Instant) -> None:
        self._happens(person, "cart_updated", {"cart_id": cart, "value": 6000}, late)

    @rule(person=somebody, late=lateness)
    @recorded
    def buys(self, person: str, late: Instant) -> None:
        self._happens(person, "purchase", {"total": 1000}, late)

    @rule(person=somebody, late=lateness)
    @recorded
    def looks(self, person: str, late: Instant) -> None:
        self._happens(person, "viewed", {"product": "lamp"}, late)

    @rule(person=somebody, says=minds)
    @recorded
    def changes_their_mind(self, person: str, says: str) -> None:
        about: dict[str, Any] = {"category": "promotional"}
        match says:
            case "yes":
                self._happens(person, "consent_granted", about)
            case "no":
                self._happens(person, "consent_withdrawn", about)
            case "less":
                self._happens(person, "preferences_set", {"at_most_per_week": 1})
            case _:
                pause = {"paused_until": self._one.now + 2 * DAY}
                self._happens(person, "preferences_set", pause)

    @rule(worker=workers, person=somebody, what=st.sampled_from(BETWEEN))
    @recorded
    def something_comes_before_the_hand_over(self, worker: int, person: str, what: str) -> None:
        self.fills_a_cart(person=person, cart="a", late=0)
        self.advances(worker=worker, size=1000, dies="")
        match what:
            case "a purchase":
                self.buys(person=person, late=0)
            case "gold":
                self.changes(person=person, change=("tier", "gold"))
            case "an objection":
                self.changes_their_mind(person=person, says="no")
            case "a wish":
                self.changes_their_mind(person=person, says="later")
            case "a pause":
                self._is_deployed(PAUSING)
            case _:
                self.passes(length=7 * HOUR)
        self.goes_on(worker=worker, size=1)

    @rule(
        worker=workers,
        person=somebody,
        fate=st.sampled_from(("accepted", "no answer", "busy")),
        dies=deaths,
    )
    @recorded
    def the_hand_over_goes_wrong(self, worker: int, person: str, fate: Fate, dies: Death) -> None:
        self.signs_up(person=person, late=0)
        self.buys(person=person, late=0)
        self.hands_over(worker=worker, fate=fate, dies=dies or "after")
        self.passes(length=10 * MINUTE)
        self.goes_on(worker=1 - worker, size=1)

    @rule(person=somebody, change=changes)
    @recorded
    def changes(self, person: str, change: tuple[str, Any]) -> None:
        name, value = change
        words = f"{person}: {name} becomes {value}"
        self._take(Move(0, person, "change", name, {"value": value}), words)

    @rule(
        person=somebody,
        what=st.sampled_from(("again", "delivered", "clicked", "failed", "erase")),
        back=st.integers(1, 2),
    )
    @recorded
    def something_odd_comes(self, person: str, what: str, back: int) -> None:
        if what == "again":
            self._take(Move(0, person, what), f"{person}: the last arrival once more")
        elif what != "erase":
            move = Move(0, person, "receipt", what, {"back": back})
            self._take(move, f"{person}: the message {back} back is {what}")
        elif not self._backward:
            self._unsaid["somebody is forgotten"] = None
            self._take(Move(0, person, what), f"{person} is forgotten")

    # ------------------------------------------------------------------------------ who works

    @rule(worker=workers, size=st.sampled_from((1, 1000)), dies=deaths)
    @recorded
    def advances(self, worker: int, size: int, dies: Death) -> None:
        death = f", which dies {dies} a commit" * bool(dies)
        if dies:
            self._unsaid["a worker dies"] = None

        def act() -> None:
            self._one.advance(worker, size, dies)
            self._other.restart()
            self._other.advance(0, 1)

        self._step(f"worker {worker} advances by {size}{death}", act)

    @rule(worker=workers, fate=fates, dies=deaths)
    @recorded
    def hands_over(self, worker: int, fate: Fate, dies: Death) -> None:
        def act() -> None:
            before = len(self._one.taken)
            for each, who in ((self._one, worker), (self._other, 0)):
                each.advance(who, 1000)
                each.hand_over(who, fate, dies)
            handed = {each.id for each in self._one.taken[before:]}
            if handed and (fate == "no answer" or dies):
                self._promises.doubtful |= handed
                self._unsaid["the answer of a provider is lost"] = None
            elif fate != "accepted":
                self._unsaid[f"a provider says: {fate}"] = None

        death = f", and dies {'with what it has claimed' if dies == 'before' else 'then'}"
        words = f"worker {worker} advances and hands over, the provider says: {fate}"
        self._step(words + death * bool(dies), act)

    @rule(worker=workers, answers=st.booleans())
    @recorded
    def asks(self, worker: int, *, answers: bool) -> None:
        def act() -> None:
            self._one.ask(worker, answers=answers)
            self._other.ask(0, answers=answers)

        self._step(f"worker {worker} asks a web service, which answers: {answers}", act)

    @rule(worker=workers, size=st.sampled_from((1, 1000)))
    @recorded
    def goes_on(self, worker: int, size: int) -> None:
        self._step(f"worker {worker} does what is due", lambda: self._go_on(worker, size))

    def _go_on(self, worker: int, size: int) -> None:
        for each, who, most in ((self._one, worker, size), (self._other, 0, 1)):
            for _ in range(2):
                each.advance(who, most)
                each.hand_over(who, "accepted")
                each.ask(who, answers=True)
            each.advance(who, most)

    # ----------------------------------------------------------------------------------- time

    @rule(length=lengths)
    @recorded
    def is_lived(self, length: Instant) -> None:
        self._step(f"life goes on for {length / HOUR:g} hours", lambda: self._live(length))

    def _live(self, length: Instant) -> None:
        end = self._one.now + length
        for each in self._all:
            each.live_on(end)

    @rule(length=lengths)
    @recorded
    def passes(self, length: Instant) -> None:
        self._move(length, f"{length / HOUR:g} hours pass, and nobody does anything")

    @precondition(lambda self: (self._store.next_wake() or 0) > self._one.now)
    @rule()
    @recorded
    def passes_to_the_next_timer(self) -> None:
        wake = max(self._store.next_wake() or 0, self._one.now)
        length = -((self._one.now - wake) // SECOND) * SECOND
        self._move(length, f"{length / HOUR:g} hours pass, until something is due")

    def _move(self, length: Instant, words: str) -> None:
        def act() -> None:
            for each in self._all:
                each.now += length

        self._step(words, act)

    # ------------------------------------------------------------------------ once in a while

    @rule(what=st.sampled_from((0, 1, 2, MINUTE, 2 * HOUR)))
    @recorded
    def an_operator_acts(self, what: int) -> None:
        """Deploys a version, or puts the clock back."""
        if what < len(versions()):
            self._is_deployed(what)
        else:
            self._backward = True
            self._unsaid["the clock steps backward"] = None
            self._move(-what, f"the clock steps back by {what / HOUR:g} hours")

    def _is_deployed(self, which: int) -> None:
        self._unsaid["another version is deployed"] = None

        def act() -> None:
            for each in self._all:
                each.deploy(which)

        named = ("as it was", "edited", "with welcome paused")[which]
        self._step(f"a version is deployed: {named}", act)

    # ----------------------------------------------------------------------------------- end

    def teardown(self) -> None:
        try:
            if self._arrived and not self._promises.breaches:
                self._end()
        finally:
            self.close()

    def _end(self) -> None:
        self._one.advance(0, 1000)
        self._other.advance(0, 1)
        self._promises.rules_say_the_same_in_sql(self._one)
        self._judge()
        self._steps.append("and then a month passes")
        end = self._one.now + MONTH
        for each in self._all:
            if each.running != 0:
                each.deploy(0)
            each.live_on(end)
        self._promises.rests(self._one)
        self._promises.ends(self._one)
        self._judge()
        self._promises.every_runtime_agrees(self._one, self._other)
        self._judge()

    # ------------------------------------------------------------------------------ scenarios

    def _passage(self, breach: Breach) -> Passage | None:
        """What a scenario has to say, if there are words for all of it."""
        if self._unsaid or breach.wish is None:
            return None
        person, journey = breach.person, breach.journey
        seen = Seen.of(self._store, person, journey)
        wishes: list[tuple[Instant, Line]] = [*seen.others]
        wishes += [
            (each.at, {"expect sent": each.message, "on": each.channel})
            for each in self._one.taken
            if (each.person, each.journey) == (person, journey) and each.at < breach.at
        ]
        return Passage(
            versions()[0].project,
            person,
            journey,
            START,
            [(at, each) for at, each in self._arrived if each.person == person],
            seen.deliveries,
            [*sorted(wishes, key=lambda each: each[0]), (breach.at, dict(breach.wish))],
            name=breach.words.replace(":", ","),
        )
