"""One person's signals, one after the other: M1 to M4 of the language reference, section 4.4.

Neither batch size nor delay changes the result: before an input is processed, the person's timers
due at or before its receipt fire, in the order of arbitration where they are due together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, assert_never

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.advance import move, thaw
from engine.core.barring import came_to
from engine.core.best_time import SEEN
from engine.core.books import Books, Made
from engine.core.calling import withheld
from engine.core.consent import CONSENT_EVENTS
from engine.core.decision import Decision
from engine.core.ejecting import TAKEN_OUT, eject
from engine.core.following import follow
from engine.core.habits import counted
from engine.core.identity import Unions
from engine.core.knowing import (
    as_told,
    believed,
    changed,
    consented,
    missed_by,
    number_of,
    received_at,
    remember,
)
from engine.core.looking import settle_memberships
from engine.core.merging import Merging, become_one, go_over, leave_for, pass_on
from engine.core.obeying import moved_in, obey
from engine.core.ordering import by_importance, timer_order
from engine.core.origins import origins_of
from engine.core.past import is_past
from engine.core.preferences import PREFERENCES_SET, preferred
from engine.core.profile import Profile
from engine.core.receiving import receive
from engine.core.run import Run
from engine.core.scanning import unmasked
from engine.core.signals import (
    Arrival,
    CallAnswered,
    Erased,
    EventArrived,
    Joined,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
    Signal,
    StartAsked,
    TimerFired,
    WordSaid,
)
from engine.core.starts import (
    come_and_go,
    invite,
    invite_members,
    look_by_itself,
    take_as_it_is,
)
from engine.core.suppression import LIFTED, lift

__all__ = ["Fold"]

_AT_MOST_EMITTED = 100
_BY_HAND = frozenset({LIFTED, TAKEN_OUT})

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


class Fold(Books):
    """Folds the people of a batch, one after the other (``turn_to``, then ``run``); everything that
    comes of it goes to ``changes``.

    ``history`` holds what was processed before, per event that matters, and is appended to;
    ``closed`` are ended runs that matter, ``deliveries`` what pending receipts refer to;
    ``number`` gives log numbers to events that the engine itself makes.
    """

    __slots__ = ("merging", "signals")

    signals: int

    def __init__(self, *given: Any, merging: Merging | None = None) -> None:
        super().__init__(*given)
        self.merging = Merging(Unions({})) if merging is None else merging

    def run(self, pending: Sequence[Arrival], now: Instant) -> int:
        """Everything pending, with timers in between and after, as of ``now``. How many signals
        there were, timers included.
        """
        self.signals = 0
        before = self.standing.profile
        if before.identity.merged:
            pass_on(self, self.merging, pending, now)
            return 0
        if before.wake is not None and not self.program.keeps_calendars:
            self.standing.become(before._replace(wake=None))
        if self.computing is not None or before.tallies:
            self.compute()
        if self.program.tracked and self.known:
            settle_memberships(self.standing, received_at(pending[0]) if pending else now)
        if not self._is_as_left():
            self._follow_edits(now)
            self._thaw(now)
        forgotten = False
        waiting = iter(unmasked(pending) if len(pending) > 1 else pending)
        for arrival in waiting:
            moment = min(now, received_at(arrival))
            self._fire(moment)
            self.changes.processed.append(number_of(arrival))
            afresh = forgotten and self.computing is not None
            if forgotten := isinstance(arrival, Erased):
                self.signals += 1
                self.burn(arrival.number, arrival.received)
                before = self.standing.profile
            elif isinstance(arrival, MergeAsked):
                self.signals += 1
                if leave_for(self, self.merging, arrival, moment):
                    self.changes.processed.pop()
                    go_over(self, self.merging, arrival, waiting, now)
                    return self._left(before)
            else:
                if afresh:
                    self.compute()
                if is_past(arrival):
                    self._recall(arrival, moment)
                else:
                    self._take(arrival, moment)
        if not forgotten:
            self._fire(now)
            if self.program.keeps_calendars:
                self._end_look(now)
        return self._left(before, is_new=not self.known and _is_somebody(pending))

    def _left(self, before: Profile, *, is_new: bool = False) -> int:
        """Writes down how the person is left. Who is new is known from now on, though nothing is
        known of them but what they do.
        """
        self.changes.runs += self.changed.values()
        if is_new or self.standing.profile is not before:
            self.changes.profiles.append(self.standing.profile)
        return self.signals

    # ------------------------------------------------------------------------------- timers

    def _fire(self, now: Instant) -> None:
        """Every timer due by ``now``, the longest overdue first."""
        while self.standing.runs or self.standing.profile.wake is not None:
            due = [
                run
                for run in self.standing.runs.values()
                if run.due is not None and run.due <= now and run.status != "closed"
            ]
            if not due and self.standing.profile.wake is None:
                return
            frozen = [run for run in due if self._is_paused(run)] if self.program.paused else ()
            if frozen:
                for run in frozen:
                    self.keep(run._replace(due=None, frozen=run.frozen or now))
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
            self._take(_new(TimerFired, (run.person, run.id, moment or now)), now)
            after = self.standing.runs.get(run.id)
            if after is run:
                raise RuntimeError(f"the timer of run {run.id} ({run.journey}) does nothing")

    def _is_paused(self, run: Run) -> bool:
        """Nothing moves in a paused journey; who is only measured does not move anyway."""
        paused = run.journey in self.program.paused
        return paused and run.status == "live" and run.arm == "live"

    def _is_as_left(self) -> bool:
        """All runs are of the versions that are deployed, and nothing was withheld from them."""
        machines = self.machines
        for run in self.standing.runs.values():
            machine = machines.get(run.journey)
            if machine is None or run.version != machine.version or run.frozen is not None:
                return False
        return True

    def _follow_edits(self, now: Instant) -> None:
        """Runs of another version than the one that is deployed move to it, before anything else
        happens to them. Those of a paused journey move when it goes on.
        """
        for run in by_importance(self.standing.runs.values(), self.machines):
            machine = self.program.machine_of(run)
            if machine is None:
                self.end_orphan(run, now)
            elif run.version != machine.version and not self._is_paused(run):
                former = self.program.formers.get((run.journey, run.version))
                passage, emitted = self.passage(machine, run, now)
                self.keep(follow(passage, None if former is None else former.machine), run)
                self._follow(self.made(emitted, run, now), now)

    def _thaw(self, now: Instant) -> None:
        """Runs from which something was withheld, and whose journey goes on."""
        for run in by_importance(self.standing.runs.values(), self.machines):
            machine = self.program.machine_of(run)
            if run.frozen is None or machine is None or self._is_paused(run):
                continue
            passage, emitted = self.passage(machine, run, now)
            missed = missed_by(run, self.history)
            self.keep(thaw(passage, missed, TimerFired(run.person, run.id, now)), run)
            self._follow(self.made(emitted, run, now), now)

    # ------------------------------------------------------------------------------- inputs

    def _take(self, signal: Signal, now: Instant) -> None:
        """An input and everything it makes."""
        made = self._input(signal, now)
        if made:
            self._follow(made, now)

    def _follow(self, made: Sequence[Made], now: Instant) -> None:
        """What was made is an input of its own, and so is what that makes."""
        queue = deque(made)
        for _ in range(_AT_MOST_EMITTED):
            if not queue:
                return
            emitted = queue.popleft()
            if isinstance(emitted, EventArrived) and emitted.event.name not in self.program.unkept:
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
        program, runs = self.program, self.standing.runs
        timer = isinstance(signal, TimerFired)
        made = [] if timer else self._note(signal, now)
        if program.scoring is not None:
            self.rate(now)
        turned = come_and_go(self, signal, now) if program.tracked else ()
        if runs:
            made += self._move(signal, now)
        if not timer:
            made += invite(self, signal, now)
        if turned:
            made += invite_members(self, turned, signal, now)
        if program.keeps_calendars:
            made += look_by_itself(self, signal, now)
        return made

    def _move(self, signal: Signal, now: Instant) -> list[Made]:
        """Every run goes on by an input, or not. Returns the events it made."""
        program, made = self.program, list[Made]()
        for run in by_importance(self.standing.runs.values(), self.machines):
            machine = program.machine_of(run)
            if machine is None:
                self.end_orphan(run, now)
                continue
            if program.paused and self._is_paused(run):
                self.keep(withheld(run, signal, now), run)
                continue
            passage, emitted = self.passage(machine, run, now)
            self.keep(move(passage, signal), run)
            if emitted:
                made += self.made(emitted, run, now)
        return made

    def _recall(self, arrival: Signal, now: Instant) -> None:
        """Takes in what was so before anybody looked. It starts nothing and nobody enters a segment
        by it; who is inside a journey hears of it as of anything that comes late.
        """
        self.signals += 1
        made = self._note(arrival, now)
        if self.program.tracked:
            take_as_it_is(self, now)
        made += self._move(arrival, now)
        if self.program.keeps_calendars:
            made += look_by_itself(self, arrival, now)
        self._follow(made, now)

    def _end_look(self, now: Instant) -> None:
        """Everybody who was woken is looked through."""
        profile = self.standing.profile
        if profile.woken is None or profile.woken < now:
            self._take(TimerFired(profile.id, "", now), now)

    def _note(self, signal: Signal, now: Instant) -> list[Made]:
        """M1: the input becomes part of what is known of the person."""
        match signal:
            case TimerFired() | StartAsked() | CallAnswered():
                pass
            case EventArrived():
                self._note_event(signal, now)
            case ReceiptArrived():
                return receive(self, signal, now)
            case ProfileChanged():
                if self.program.untold:
                    signal = as_told(signal, self.program.untold)
                if signal.origin and signal.addresses:
                    signal = believed(self.standing.profile, signal)
                before = self.standing.profile.addresses
                self.standing.become(changed(self.standing.profile, signal))
                self.changes.trace(signal.person, origins_of(signal))
                made = moved_in(self, signal, self.said) if self.said else []
                return made + came_to(self, signal, before, now) if self.bars else made
            case WordSaid():
                return obey(self, signal, now)
            case Joined():
                made = become_one(self, self.merging, signal, now)
                if not self._is_as_left():
                    self._follow_edits(now)
                    self._thaw(now)
                return made
            case _ as unreachable:
                assert_never(unreachable)
        return []

    def _note_event(self, arrived: EventArrived, now: Instant) -> None:
        event = arrived.event
        remember(self.history, event)
        if self.computing is not None and event.name in self.computing.by_event:
            self.standing.become(self.computing.after(self.standing.profile, event))
        if event.name in CONSENT_EVENTS:
            self.changes.consents.append(arrived)
            self.standing.become(consented(self.standing.profile, event))
        if event.name == PREFERENCES_SET:
            self.standing.become(preferred(self.standing.profile, event))
        if event.name in _BY_HAND:
            self._by_hand(arrived.person, event, now)
        if event.name in SEEN and self.program.lessons.channels:
            self._count(event, now)

    def _by_hand(self, person: str, event: Happened, now: Instant) -> None:
        """What an operator has said."""
        if event.name == TAKEN_OUT:
            eject(self, event, now)
            return
        channel, by = [str(event.properties.get(name)) for name in ("channel", "by")]
        self.standing.become(lift(self.standing.profile, event))
        self.changes.decisions.append(Decision(person, now, "lifted", by, channel=channel))

    def _count(self, event: Happened, now: Instant) -> None:
        """Somebody may have looked at a message: best times are learnt from that."""
        standing, counts = self.standing, self.changes.counts
        context = standing.context(now)
        lessons = self.program.lessons
        for each in counted(
            lessons, event, context.zone, lambda name: standing.in_segment(name, context)
        ):
            counts[each] = counts.get(each, 0) + 1


def _is_somebody(pending: Sequence[Arrival]) -> bool:
    """Whether these say that there is somebody, after the last wish to be forgotten. What became of
    messages and calls may come long after everybody has forgotten to whom they went.
    """
    for arrival in reversed(pending):
        if isinstance(arrival, Erased):
            return False
        if isinstance(arrival, EventArrived | ProfileChanged | StartAsked):
            return True
    return False
