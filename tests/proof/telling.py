"""What has failed, as files somebody can read and play again: the project, and for each person and
journey a scenario that ``wayline test`` replays.

A scenario is about one person in one journey with a provider that takes everything. What cannot be
said in it (others at work, a crash, a refusal, an erasure) is named at its head.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never

from dsl import kinds
from dsl.calendar import HOUR, MINUTE, SECOND, Instant, to_datetime
from dsl.machine import ApiTrigger, Project
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.signals import (
    Arrival,
    CallAnswered,
    Erased,
    EventArrived,
    Joined,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
    WordSaid,
)
from engine.store.protocol import Store
from tests.proof.yaml import written

__all__ = ["Broken", "Line", "Passage", "Seen", "keep", "scenario", "told"]

Line = dict[str, Any]

_EVENTS = {
    "delivered": "message_delivered",
    "opened": "message_opened",
    "clicked": "message_clicked",
    "replied": "message_replied",
    "failed": "message_failed",
}


class Broken(AssertionError):
    """Something that must always hold did not. ``files`` are what is kept of it, by path."""

    def __init__(self, words: str, files: Mapping[str, str], steps: Sequence[str] = ()) -> None:
        super().__init__(words)
        self.words = words
        self.files = files
        self.steps = steps


@dataclass(frozen=True, slots=True)
class Passage:
    """One person in one journey, from ``start``: what arrived, and what should come of it.
    ``wishes`` are lines that say what is expected, and when.
    """

    project: Project
    person: str
    journey: str
    start: Instant
    arrivals: Sequence[tuple[Instant, Arrival]]
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    wishes: Sequence[tuple[Instant, Line]] = ()
    pretend: Mapping[str, str] = field(default_factory=dict)
    name: str = "as it happened"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a store knows of somebody, as far as a scenario can expect it."""

    wishes: Sequence[tuple[Instant, Line]]
    deliveries: Mapping[str, Delivery]
    others: Sequence[tuple[Instant, Line]]  # messages of other journeys
    paths: Mapping[str, str]
    unsaid: Sequence[str]

    @classmethod
    def of(cls, store: Store, person: str, journey: str) -> Seen:
        deliveries = {each.id: each for each in store.deliveries_of(person)}
        handed = _handed(store, person)
        wishes: list[tuple[Instant, Line]] = []
        others: list[tuple[Instant, Line]] = []
        for at, each in sorted((at, deliveries[name]) for name, at in handed.items()):
            if each.journey == journey:
                wishes.append((at, {"expect sent": each.message, "on": each.channel}))
            else:
                said = {"channel": each.channel, "category": each.category, "journey": each.journey}
                others.append((at, {"event": "message_sent", "with": said}))
        paths, unsaid = _of_the_story(store.decisions(person), journey)
        if any(each.attempts > 1 for each in deliveries.values()):
            unsaid = [*unsaid, "a provider asked for another try"]
        return cls(wishes, deliveries, others, paths, unsaid)


def _handed(store: Store, person: str) -> dict[str, Instant]:
    view = store.people([person], ()).get(person)
    contacts = () if view is None else view.profile.contacts
    return {each.delivery: each.sent for each in contacts if each.sent is not None}


def _of_the_story(
    decisions: Iterable[Decision], journey: str
) -> tuple[dict[str, str], Sequence[str]]:
    """The paths that were learnt, and what a scenario has no words for."""
    paths: dict[str, str] = {}
    unsaid: dict[str, None] = {}
    for each in decisions:
        if each.journey != journey:
            continue
        match each.what:
            case "assigned" if paths.setdefault(each.step, each.reason) != each.reason:
                unsaid["a split that learns gave several paths"] = None
            case "refused" | "unknown":
                unsaid[f"a provider said: {each.what}"] = None
            case "no answer":
                unsaid["a web service gave no answer"] = None
            case "held out":
                unsaid["somebody was held out"] = None
            case "edited":
                unsaid["a new version was deployed"] = None
            case _:
                pass
    return paths, [*unsaid]


def scenario(passage: Passage, unsaid: Iterable[str] = ()) -> str:
    """The file of one scenario."""
    writer = _Writer(passage)
    lines = writer.script()
    missing = dict.fromkeys([*unsaid, *writer.unsaid])
    head = "".join(f"# Cannot be said here: {each}.\n" for each in missing)
    given: Line = {
        "clock": f"{to_datetime(passage.start):%Y-%m-%d %H:%M} UTC",
        "profile": {"user_id": passage.person, **writer.known},
    }
    if writer.agreed:
        given["history"] = [{"event": "consent_granted", "with": each} for each in writer.agreed]
    if passage.pretend:
        given["pretend"] = dict(passage.pretend)
    file = {
        "tests of": passage.journey,
        "given": given,
        "scenarios": [{"scenario": passage.name, "script": lines}],
    }
    return head + written(file)


class _Writer:
    """Puts what arrived and what is expected in the order of time."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._now = passage.start
        self.known: Line = {}
        self.agreed: list[Line] = []
        self.unsaid: list[str] = []

    def script(self) -> list[Line]:
        passage, lines = self._passage, list[Line]()
        inputs = [(at, 0, arrival) for at, arrival in passage.arrivals]
        wishes = [(at, 1, line) for at, line in passage.wishes]
        for at, _, what in sorted([*inputs, *wishes], key=lambda each: each[:2]):
            if at == passage.start and not isinstance(what, dict) and self._begins(what):
                continue
            line = what if isinstance(what, dict) else self._said(at, what)
            if line is not None:
                lines += [*self._passes(at), line]
        return lines or [{"pass": "1 hour"}]

    def _passes(self, at: Instant) -> list[Line]:
        seconds = -(-(at - self._now) // SECOND)
        if seconds <= 0:
            return []
        self._now += seconds * SECOND
        return [{"pass": _length(seconds * SECOND)}]

    def _begins(self, arrival: Arrival) -> bool:
        """Whether this is how the person is at the beginning."""
        match arrival:
            case ProfileChanged():
                self.known |= {k: v for k, v in arrival.attributes.items() if v is not None}
                return True
            case EventArrived(_, _, event) if event.name == "consent_granted":
                self.agreed.append(dict(event.properties))
                return True
            case _:
                return False

    def _said(self, at: Instant, arrival: Arrival) -> Line | None:
        match arrival:
            case EventArrived(name, _, event):
                line: Line = {"event": event.name}
                if event.properties:
                    declared = self._passage.project.plan.events[event.name].properties
                    line["with"] = {
                        key: _fact(value, declared[key].kind if key in declared else None)
                        for key, value in event.properties.items()
                    }
                if event.occurred < at:
                    line["happened"] = f"{_length(at - event.occurred)} ago"
                return {**line, "id": name}
            case ProfileChanged():
                if "push" in arrival.addresses:
                    self.unsaid.append("another device")
                said = {k: "" if v is None else v for k, v in arrival.attributes.items()}
                return {"profile": said} if said else None
            case ReceiptArrived():
                meant = self._passage.deliveries.get(arrival.delivery)
                if meant is None or meant.journey != self._passage.journey:
                    return None
                said = {"channel": meant.channel, "step": meant.step}
                return {"event": _EVENTS[arrival.what], "with": said}
            case StartAsked(_, _, _, _, journey, properties):
                if journey != self._passage.journey or not self._is_called():
                    return None
                return {"start": journey, "with": dict(properties)}
            case Erased():
                self.unsaid.append("somebody is forgotten")
                return None
            case CallAnswered() | WordSaid():
                return None
            case MergeAsked() | Joined():
                self.unsaid.append("two people become one")
                return None
            case _ as unreachable:
                assert_never(unreachable)

    def _is_called(self) -> bool:
        triggers = self._passage.project.machines[self._passage.journey].triggers
        return any(isinstance(each, ApiTrigger) for each in triggers)


def _fact(value: Any, kind: object) -> Any:
    if isinstance(kind, kinds.Money):
        return f"{value / 100:.2f} {kind.currency}"
    return to_datetime(value).isoformat() if isinstance(kind, kinds.Instant) else value


def _length(micros: Instant) -> str:
    parts = []
    for unit, name in ((HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        count, micros = divmod(micros, unit)
        if count:
            parts.append(f"{count} {name}{'s' * (count > 1)}")
    return " ".join(parts) or "0 seconds"


def keep(broken: Broken) -> str:
    """Writes the files of what failed into a folder of their own, and says where and what."""
    folder = Path(tempfile.mkdtemp(prefix="wayline-broken-"))
    for name, text in broken.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    steps = "\n".join(f"  {step}" for step in broken.steps)
    shown = "\n".join(
        f"--- {name}\n{text}" for name, text in broken.files.items() if _is_telling(name)
    )
    replay = f"\nPlay it again: wayline test {folder}" if _has_scenarios(broken.files) else ""
    happened = f"\nWhat happened:\n{steps}" if steps else ""
    return f"{broken.words}{happened}\nKept in {folder}{replay}\n{shown}"


def _is_telling(name: str) -> bool:
    return name.startswith(("journeys/", "tests/", "policy"))


def _has_scenarios(files: Iterable[str]) -> bool:
    return any(name.startswith("tests/") for name in files)


@contextmanager
def told() -> Iterator[None]:
    """What breaks inside is kept, and said in full; once, when everything has been tried."""
    try:
        yield
    except Broken as broken:
        raise AssertionError(keep(broken)) from broken
