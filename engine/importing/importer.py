"""From the lines of a file to what a store knows, so that each line counts once.

Some lines at a time are one transaction, and how far it has come is written with them. So whoever
is killed goes on where they were, and nothing is there twice. What people did is told apart by what
it says and not by where it stands, so that a file that was mended can be brought in again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import dropwhile, islice, repeat
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from dsl.calendar import Instant, at_local, to_datetime
from dsl.machine import Project
from engine.core.consent import CONSENT_EVENTS
from engine.core.past import PAST
from engine.core.program import keeps_calendars
from engine.core.signals import Arrival, MergeAsked, ProfileChanged
from engine.importing.columns import Columns, What
from engine.importing.people import TableOfPeople
from engine.importing.proof import completed, lacking
from engine.importing.rejected import Masks, RejectedFile, RejectedLine
from engine.importing.rows import Row, is_call, rows_of
from engine.importing.survey import Survey
from engine.ingest import Intake, Sender
from engine.operator import OperatorError
from engine.store.imports import Brought
from engine.store.protocol import Store

__all__ = ["Importer", "Plan", "Report"]

LINES = 2_000  # in one transaction; whoever else appends waits for it
LARGEST = 1 << 20  # bytes of one event
_MOST_REASONS = 50
_LONGEST = 200  # characters of an id that somebody gave
_OTHERS = "for other reasons"
_TELLING: Final = ("userId", "anonymousId", "event", "timestamp", "originalTimestamp", "properties")
_KEPT: Final = ("line", "lines", "new", "written", "waiting", "repeated", "refused", "done")

NEWS: Final = "import:"
"""How the ids begin of what is to be taken as if it happened now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be read. ``columns`` is None where every line says itself what it is."""

    survey: Survey
    what: What
    columns: Columns | None
    event: str = ""
    delimiter: str | None = None
    zone: str = ""
    starts_journeys: bool = False

    @property
    def how(self) -> str:
        """The same for two plans that make the same of each line."""
        places = {} if self.columns is None else dict(self.columns.places)
        told = (self.what, places, self.event, self.delimiter, self.zone, self.starts_journeys)
        return blake2b(orjson.dumps(told), digest_size=8).hexdigest()


@dataclass(slots=True)
class Report:
    """What came of it so far. ``waiting`` lines are of people who were known, or are for the
    ledger: whoever advances them takes them in.
    """

    line: int = 0  # the last one that was looked at
    lines: int = 0
    new: int = 0
    written: int = 0
    waiting: int = 0
    repeated: int = 0
    refused: int = 0
    done: bool = False
    resumed: int = 0  # the line after which it went on
    ignored: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, int] = field(default_factory=dict)

    def take(self, brought: Brought) -> None:
        """Counts what was brought in."""
        self.new += brought.new
        self.written += brought.written
        self.waiting += brought.waiting
        self.repeated += brought.repeated

    def text(self, how: str, name: str, more: Brought) -> str:
        """As it is written beside what is brought in, with that."""
        counts = {each: getattr(self, each) for each in _KEPT}
        counts |= {each: counts[each] + number for each, number in more._asdict().items()}
        return orjson.dumps({"how": how, "file": name, **counts}).decode()

    def refuse(self, line: RejectedLine) -> None:
        """Counts a line that was not taken."""
        self.refused += 1
        reason = line.reason
        if reason not in self.reasons and len(self.reasons) >= _MOST_REASONS:
            reason = _OTHERS
        self.reasons[reason] += 1
        self.examples.setdefault(reason, line.line)


class _Read(NamedTuple):
    """What was made of some lines."""

    arrivals: list[Arrival]
    refused: list[RejectedLine]
    ignored: Counter[str]


class Importer:
    """Brings in one file by its plan. ``origin`` is where people's attributes come from."""

    def __init__(self, plan: Plan, project: Project, origin: str = "") -> None:
        policy = project.policy
        self._plan = plan
        self._intake = Intake(project.plan, policy.categories, policy.channels, LARGEST)
        self._masks = Masks(plan.columns, project.plan, plan.what)
        self._wakes = keeps_calendars(project) or bool(project.plan.computed)
        self._zone = ZoneInfo(plan.zone) if plan.zone else None
        self._sender = Sender(NEWS if plan.starts_journeys else PAST, origin=origin)
        self._computed = frozenset(project.plan.computed)
        self._lines = f"{plan.survey.digest[:16]}:"
        self._table: TableOfPeople | None = None
        if plan.columns is not None and plan.columns.head and plan.what == "people":
            prefix = self._sender.prefix + self._lines
            self._table = TableOfPeople.of(plan.columns, project.plan, prefix, origin)

    @property
    def name(self) -> str:
        """Under which a store keeps how far it has come."""
        return self._plan.survey.digest

    def begun(self, store: Store, *, again: bool = False) -> Report:
        """How far it has come. Raises ``OperatorError`` if that was in another way."""
        text = None if again else store.imports.reached(self.name)
        if text is None:
            return Report()
        told = orjson.loads(text)
        if told["how"] != self._plan.how:
            raise OperatorError(
                f"{self._plan.survey.path.name} was brought in as far as line {told['line']:,}"
                " before, in another way: say the same again, or --again to begin anew (what is"
                " there is recognised)."
            )
        report = Report(**{each: told[each] for each in _KEPT})
        report.resumed = 0 if report.done else report.line
        return report

    def run(
        self,
        store: Store | None,
        report: Report,
        now: Callable[[], Instant],
        rejected: RejectedFile | None = None,
        seen: Callable[[int, int], None] = lambda _, __: None,
    ) -> Report:
        """Everything that ``report`` has not seen yet. Without a store, nothing is kept of it."""
        plan = self._plan
        with closing(rows_of(plan.survey, plan.delimiter, seen)) as rows:
            left = dropwhile(lambda row: row.line <= report.line, rows)
            while some := list(islice(left, LINES)):
                self._some(some, store, report, now(), rejected)
        report.done = True
        if store is not None:
            self._bring(store, [], report, None)
        return report

    def _some(
        self,
        rows: Sequence[Row],
        store: Store | None,
        report: Report,
        now: Instant,
        rejected: RejectedFile | None,
    ) -> None:
        told = _Read([], [], Counter())
        waiting: list[Row] = []
        table = self._table
        read = None if table is None else table.read(rows, now)
        joins = table.joins if table is not None and table.identifies else None
        for row, arrival in zip(rows, read or repeat(None), strict=False):
            if arrival is None:
                waiting.append(row)
                continue
            if waiting:  # lines about one person stay in their order
                self._by_the_door(waiting, now, told)
                waiting = []
            if joins is not None:
                told.arrivals.extend(joins(arrival))
            told.arrivals.append(arrival)
        self._by_the_door(waiting, now, told)
        told.refused.sort(key=lambda each: each.line)
        report.line, report.lines = rows[-1].line, report.lines + len(rows)
        report.ignored.update(told.ignored)
        for line in told.refused:
            report.refuse(line)
        if rejected is not None:
            rejected.add(told.refused)
        if store is None:
            report.written += sum(not isinstance(each, MergeAsked) for each in told.arrivals)
            return
        self._bring(store, told.arrivals, report, now if self._wakes else None)

    def _by_the_door(self, rows: Sequence[Row], now: Instant, told: _Read) -> None:
        """Reads lines as calls."""
        calls: list[dict[str, Any]] = []
        called: list[Row] = []
        for row in rows:
            call = self._call(row)
            if isinstance(call, str):
                told.refused.append(RejectedLine(row.line, call, self._masks.shown(row)))
            else:
                calls.append(call)
                called.append(row)
        taken = self._intake.take(calls, now, _nameless, sender=self._sender)
        told.arrivals.extend(
            map(self._as_told, taken.arrivals) if self._computed else taken.arrivals
        )
        told.ignored.update(taken.ignored)
        for place, _, error in taken.refused:
            row = called[place]
            reason = error.removeprefix("identify: ")
            if self._plan.columns is not None and not is_call(row.cells):
                reason = self._plan.columns.in_their_words(reason)
            told.refused.append(RejectedLine(row.line, reason, self._masks.shown(row)))

    def _as_told(self, arrival: Arrival) -> Arrival:
        """Nobody tells what is computed."""
        if not isinstance(arrival, ProfileChanged) or self._computed.isdisjoint(arrival.attributes):
            return arrival
        told = {n: each for n, each in arrival.attributes.items() if n not in self._computed}
        return arrival._replace(attributes=told)

    def _bring(
        self, store: Store, arrivals: Sequence[Arrival], report: Report, wake: Instant | None
    ) -> None:
        """Writes it down, with how far it has come."""
        how, file = self._plan.how, self._plan.survey.path.name
        brought = store.imports.bring(
            arrivals, self.name, lambda done: report.text(how, file, done), wake
        )
        report.take(brought)

    def _call(self, row: Row) -> dict[str, Any] | str:
        """The call that a line is, under an id of its own; or why it is none."""
        plan = self._plan
        if row.trouble:
            return row.trouble
        cells = row.cells
        if row.values and plan.columns is not None:
            cells = plan.columns.named(row.values)
            if cut := next((name for name, each in cells.items() if "\0" in each), None):
                return (
                    f'"{cut}" has a NUL character in it, which no text has: was the file cut off, or'
                    " is it in other letters (--encoding utf-16)?"
                )
        if is_call(row.cells):
            call = row.cells
            # It was sent when it happened, so no clock was off by the years since then.
            call.pop("sentAt", None)
        elif plan.columns is None:
            return 'This is no call: it has no "type". Say with --what what the lines are.'
        else:
            call = plan.columns.call(cells, plan.what, plan.event)
            if not any(cells.get(name) not in (None, "") for name in plan.columns.who):
                who = " and ".join(f'"{name}"' for name in plan.columns.who)
                return f"This line is about nobody: there is nothing in {who}."
        if call.get("type") != "track":
            call["messageId"] = f"{self._lines}{row.line}"
            return call
        if plan.what == "consents" and not is_call(row.cells):
            if trouble := completed(call):
                return trouble
        elif trouble := self._of_consent(call):
            return trouble
        when = call.get("timestamp") or call.get("originalTimestamp")
        if when is None and call.get("event") not in CONSENT_EVENTS:
            return 'Nothing says when this happened: name the column with --map "COLUMN=timestamp".'
        if self._zone is not None and isinstance(when, str):
            call["timestamp"] = _placed(when, self._zone)
        call["messageId"] = self._event_id(call)
        return call

    @staticmethod
    def _of_consent(call: dict[str, Any]) -> str:
        """What a consent among other events lacks."""
        event, properties = call.get("event"), call.get("properties")
        if event not in CONSENT_EVENTS or not isinstance(properties, dict):
            return ""
        return lacking(str(event), properties, call.get("timestamp"))

    @staticmethod
    def _event_id(call: Mapping[str, Any]) -> str:
        """The same for all that say the same, wherever it stands."""
        named = call.get("messageId")
        if isinstance(named, str) and named.strip():
            if len(named) <= _LONGEST:
                return f"m:{named.strip()}"
            told: list[Any] = [named]
        else:
            told = [call.get(each) for each in _TELLING]
            if told[:2] == [None, None]:  # it is about whoever has an address
                told.append(call.get("context"))
        document = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        return f"e:{blake2b(document, digest_size=16).hexdigest()}"


def _placed(when: str, zone: ZoneInfo) -> str:
    """A moment without a zone is one of the company's, or of whoever wrote it down."""
    try:
        moment = datetime.fromisoformat(when.strip())
    except ValueError:
        return when
    if moment.tzinfo is not None:
        return when
    return to_datetime(at_local(moment.date(), moment.time(), zone)).isoformat()


def _nameless() -> str:
    raise RuntimeError("every line has an id of its own")
