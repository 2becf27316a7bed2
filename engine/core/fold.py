"""One person's signals, one after the other: M1 to M4 of the language reference, section 4.4.

Neither batch size nor delay changes the result: before an input is processed, the person's timers
due at or before its receipt fire, in the order of arbitration where they are due together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, assert_never

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.machine import Machine, ScheduleTrigger
from engine.core.admit import Admitted, HeldOut, Refused, Restarted, Updated, admit
from engine.core.advance import begin, move, refresh, thaw
from engine.core.changes import Changes
from engine.core.decision import Decision, What
from engine.core.effects import Delivery, EmitEvent, Emitted, StartJourney
from engine.core.knowing import (
    changed,
    consented,
    missed_by,
    number_of,
    place,
    received_at,
)
from engine.core.looking import Occasion, look, memberships
from engine.core.ordering import by_importance, timer_order
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.program import Program, Trigger
from engine.core.receipts import fail_over, history_of, settle, story_of
from engine.core.run import Run
from engine.core.signals import (
    Arrival,
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
    Signal,
    StartAsked,
    TimerFired,
)
from engine.core.standing import Standing

__all__ = ["Fold"]

Made: TypeAlias = EventArrived | StartAsked

_AT_MOST_EMITTED = 100
_NO_DELIVERIES: Mapping[str, Delivery] = MappingProxyType({})


class Fold:
    """Folds one person; everything that comes of it goes to ``changes``. Used once.

    ``history`` holds what was processed before, per event that matters, and is appended to;
    ``closed`` are ended runs that matter, ``known_deliveries`` what pending receipts refer to;
    ``number`` gives log numbers to events that the engine itself makes.
    """

    __slots__ = (
        "changed",
        "changes",
        "closed",
        "history",
        "known",
        "known_deliveries",
        "machines",
        "number",
        "program",
        "signals",
        "standing",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what is known of a person
        self,
        program: Program,
        profile: Profile,
        runs: Sequence[Run],
        history: dict[str, list[Happened]],
        changes: Changes,
        number: Callable[[], int],
        closed: Sequence[Run] = (),
        known_deliveries: Mapping[str, Delivery] = _NO_DELIVERIES,
        known: bool = True,
    ) -> None:
        self.program = program
        self.machines = program.project.machines
        self.standing = Standing(program, profile, {run.id: run for run in runs}, history)
        self.history = history
        self.closed = closed
        self.known_deliveries = known_deliveries
        self.known = known
        self.number = number
        self.changes = changes
        self.changed: dict[str, Run] = {}
        self.signals = 0

    def run(self, pending: Sequence[Arrival], now: Instant) -> None:
        """Everything pending, with timers in between and after, as of ``now``."""
        before = self.standing.profile
        if before.wake is not None and not self.program.keeps_calendars:
            self.standing.become(before._replace(wake=None))
        self._thaw(now)
        for arrival in pending:
            moment = min(now, received_at(arrival))
            self._fire(moment)
            self._take(arrival, moment)
            self.changes.processed.append(number_of(arrival))
        self._fire(now)
        self._end_look(now)
        self.changes.runs += self.changed.values()
        if self.standing.profile is not before:
            self.changes.profiles.append(self.standing.profile)
        self.standing.part()

    # ------------------------------------------------------------------------------- timers

    def _fire(self, now: Instant) -> None:
        """Every timer due by ``now``, the longest overdue first."""
        while True:
            due = [
                run
                for run in self.standing.runs.values()
                if run.due is not None and run.due <= now and run.status != "closed"
            ]
            frozen = [run for run in due if self._is_paused(run)]
            if frozen:
                for run in frozen:
                    self._keep(run._replace(due=None, frozen=run.frozen or now))
                continue
            wake = self.standing.profile.wake
            if wake is not None and wake <= now and all(wake <= (run.due or now) for run in due):
                self._take(TimerFired(self.standing.profile.id, "", wake), now)
                if self.standing.profile.wake == wake:
                    raise RuntimeError("the calendar of a person wakes them for nothing")
                continue
            if not due:
                return
            run = (
                due[0]
                if len(due) == 1
                else min(due, key=lambda each: timer_order(self.standing, each))
            )
            moment = run.due
            self._take(TimerFired(run.person, run.id, moment or now), now)
            after = self.standing.runs.get(run.id)
            if after is run:
                raise RuntimeError(f"the timer of run {run.id} ({run.journey}) does nothing")

    def _is_paused(self, run: Run) -> bool:
        """Nothing moves in a paused journey; who is only measured does not move anyway."""
        machine = self.machines.get(run.journey)
        paused = machine is not None and machine.status == "paused"
        return paused and run.status == "live" and run.arm == "live"

    def _thaw(self, now: Instant) -> None:
        """Runs from which something was withheld, and whose journey goes on."""
        for run in by_importance(self.standing.runs.values(), self.machines):
            if run.frozen is None or run.journey not in self.machines or self._is_paused(run):
                continue
            passage, emitted = self._passage(self.machines[run.journey], run, now)
            missed = missed_by(run, self.history)
            self._keep(thaw(passage, missed, TimerFired(run.person, run.id, now)), run)
            self._follow(self._emitted(emitted, run, now), now)

    # ------------------------------------------------------------------------------- inputs

    def _take(self, signal: Signal, now: Instant) -> None:
        """An input and everything it makes."""
        self._follow(self._input(signal, now), now)

    def _follow(self, made: Sequence[Made], now: Instant) -> None:
        """What was made is an input of its own, and so is what that makes."""
        queue = deque(made)
        for _ in range(_AT_MOST_EMITTED):
            if not queue:
                return
            emitted = queue.popleft()
            if isinstance(emitted, EventArrived):
                self.changes.events.append(emitted)
            queue.extend(self._input(emitted, now))
        for emitted in queue:
            person = self.standing.profile.id
            self.changes.decisions.append(
                Decision(person, now, "stopped", "too many events from one", detail=emitted.id)
            )

    def _input(self, signal: Signal, now: Instant) -> list[Made]:
        """M1 to M3. Returns the events it made, numbered, not yet processed."""
        self.signals += 1
        made = self._note(signal, now)
        for run in by_importance(self.standing.runs.values(), self.machines):
            machine = self.machines.get(run.journey)
            if machine is None:
                self._end_orphan(run, now)
                continue
            if self._is_paused(run):
                if run.frozen is None:
                    self._keep(run._replace(frozen=now))
                continue
            passage, emitted = self._passage(machine, run, now)
            self._keep(move(passage, signal), run)
            if emitted:
                made += self._emitted(emitted, run, now)
        match signal:
            case EventArrived(identity, _, event):
                triggers = self.program.triggers.get(event.name, ())
                made += self._start(triggers, identity, event, signal, now)
            case StartAsked(identity, _, received, number, journey, properties, by):
                asked = Happened(f"start {journey}", received, received, number, properties)
                triggers = self.program.called(journey, by)
                made += self._start(triggers, identity, asked, signal, now)
            case ProfileChanged() | ReceiptArrived() | TimerFired():
                pass
        if self.program.keeps_calendars:
            made += self._by_itself(signal, now)
        return made

    def _by_itself(self, signal: Signal, now: Instant) -> list[Made]:
        """What starts without being told: dates, schedules, and segments entered or left.

        What was due before this input has been looked through already, so after any other input
        only the future is looked at: a date that is past when it becomes known starts nothing.
        """
        standing, occasions = self.standing, list[Occasion]()
        if not (isinstance(signal, TimerFired) and not signal.run):
            standing.become(standing.profile._replace(woken=now))
        occasions += look(standing, now)
        occasions += memberships(standing, now, known=self.known)
        self.known = True
        made: list[Made] = []
        for trigger, name, at in occasions:
            if self._invited(trigger, now):
                event = Happened(name, at, now, self.number(), {})
                identity = f"{trigger.machine.journey}@{at}"
                made += self._start((trigger,), identity, event, signal, now)
        return made

    def _invited(self, trigger: Trigger, now: Instant) -> bool:
        """A schedule is for those who are in its segment at that moment."""
        way = trigger.way
        if not isinstance(way, ScheduleTrigger):
            return True
        return self.standing.in_segment(way.audience, self.standing.context(now))

    def _end_look(self, now: Instant) -> None:
        """Everybody who was woken is looked through, where there are calendars."""
        profile = self.standing.profile
        if self.program.keeps_calendars and (profile.woken is None or profile.woken < now):
            self._take(TimerFired(profile.id, "", now), now)

    def _note(self, signal: Signal, now: Instant) -> list[Made]:
        """M1: the input becomes part of what is known of the person."""
        match signal:
            case EventArrived():
                self._note_event(signal.event)
            case ProfileChanged():
                self.standing.become(changed(self.standing.profile, signal))
            case ReceiptArrived():
                return self._note_receipt(signal, now)
            case TimerFired() | StartAsked():
                pass
            case _ as unreachable:
                assert_never(unreachable)
        return []

    def _note_event(self, event: Happened) -> None:
        known = self.history.setdefault(event.name, [])
        known.append(event)
        if len(known) > 1 and place(known[-2]) > place(event):
            known.sort(key=place)
        if event.name in ("consent_granted", "consent_withdrawn"):
            self.standing.become(consented(self.standing.profile, event))

    def _note_receipt(self, receipt: ReceiptArrived, now: Instant) -> list[Made]:
        delivery = self.known_deliveries.get(receipt.delivery)
        if delivery is None:
            return []
        self.standing.become(settle(self.standing.profile, receipt, delivery.address))
        story = story_of(receipt, delivery, now)
        if story is not None:
            self.changes.decisions.append(story)
        made: list[Made] = []
        event = history_of(receipt, delivery, self.number())
        if event is not None:
            made.append(event)
        if receipt.what in ("refused", "failed"):
            made += self._fail_over(receipt, delivery, now)
        return made

    def _fail_over(self, receipt: ReceiptArrived, delivery: Delivery, now: Instant) -> list[Made]:
        run = self.standing.runs.get(delivery.run)
        if run is None:
            run = next((ended for ended in self.closed if ended.id == delivery.run), None)
        machine = self.machines.get(delivery.journey)
        if run is None or machine is None:
            return []
        passage, emitted = self._passage(machine, run, now)
        self._keep(fail_over(passage, delivery, receipt), run)
        return self._emitted(emitted, run, now)

    def _start(
        self,
        triggers: Sequence[Trigger],
        identity: str,
        event: Happened,
        signal: Signal,
        now: Instant,
    ) -> list[Made]:
        """M3: every journey that is started, most important first."""
        made: list[Made] = []
        for trigger in triggers:
            machine = trigger.machine
            admission = admit(trigger, self.standing, self.closed, identity, event, now)
            match admission:
                case Refused(decision):
                    if decision is not None:
                        self.changes.decisions.append(decision)
                case HeldOut(run, decision):
                    self._keep(run)
                    self.changes.decisions.append(decision)
                case Updated(run):
                    self._keep(run)
                    passage, emitted = self._passage(machine, run, now)
                    self._keep(refresh(passage, signal), run)
                    made += self._emitted(emitted, run, now)
                case Restarted(old, new):
                    self._keep(old._replace(status="closed", due=None, left=now, outcome="restart"))
                    self.standing.runs.pop(old.id, None)
                    self._decide(old, now, "left", "restart")
                    made += self._enter(machine, new, event, signal, now)
                case Admitted(run):
                    made += self._enter(machine, run, event, signal, now)
                case _ as unreachable:
                    assert_never(unreachable)
        return made

    def _enter(
        self, machine: Machine, run: Run, event: Happened, signal: Signal, now: Instant
    ) -> list[Made]:
        if run.arm == "holdout":
            self._keep(run)
            self._decide(run, now, "held out", "holdout")
            return []
        self._decide(run, now, "entered", event.name)
        self.standing.runs[run.id] = run
        passage, emitted = self._passage(machine, run, now)
        self._keep(begin(passage, signal), run)
        return self._emitted(emitted, run, now)

    # ------------------------------------------------------------------------------ changes

    def _passage(self, machine: Machine, run: Run, now: Instant) -> tuple[Passage, list[Emitted]]:
        emitted: list[Emitted] = []
        return Passage(machine, run, self.standing, now, self.changes, emitted), emitted

    def _emitted(self, emitted: list[Emitted], run: Run, now: Instant) -> list[Made]:
        """What a run emitted, numbered, to be processed as inputs of their own."""
        made: list[Made] = []
        for each in emitted:
            match each:
                case EmitEvent(named, name, values):
                    happened = Happened(name, now, now, self.number(), values)
                    made.append(EventArrived(named, run.person, happened))
                case StartJourney(named, journey, values):
                    made.append(
                        StartAsked(
                            named, run.person, now, self.number(), journey, values, run.journey
                        )
                    )
                case _ as unreachable:
                    assert_never(unreachable)
        return made

    def _keep(self, run: Run, before: Run | None = None) -> None:
        if run is before:
            return
        self.changed[run.id] = run
        if run.status == "closed":
            self.standing.runs.pop(run.id, None)
            self.closed = (*self.closed, run)
        else:
            self.standing.runs[run.id] = run

    def _decide(self, run: Run, now: Instant, what: What, reason: str) -> None:
        self.changes.decisions.append(Decision(run.person, now, what, reason, run.journey, run.id))

    def _end_orphan(self, run: Run, now: Instant) -> None:
        """A journey that is no longer deployed: everybody leaves."""
        if run.status == "live":
            self._decide(run, now, "left", "ended")
        self._keep(run._replace(status="closed", due=None, left=run.left or now, outcome="ended"))
