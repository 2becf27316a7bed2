"""What happened, from files: calls in the Segment spec, one per line, plain or gzipped.

They come in by the same door as over HTTP, so a replay refuses what the daemon would refuse. Only
the time of receipt is different: every call is received at the moment it says it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from dsl.calendar import Instant, from_datetime
from engine.core.signals import Arrival, EventArrived
from engine.ingest import Intake
from engine.lines import Bytes, numbered_lines

__all__ = ["RefusedLine", "Script", "find_scripts", "names_two", "read_script"]

_TWO_NAMES = (b"anonymousId", b"previousId")
_LONGEST_MARK = max(map(len, _TWO_NAMES))
_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


class RefusedLine(NamedTuple):
    """A line that was not taken, and why."""

    place: str
    error: str


class Script(NamedTuple):
    """Arrivals in the order of receipt, with the instants of the first and last line of all.

    ``start`` and ``end`` are those of everybody, whoever's arrivals are among these.
    """

    arrivals: Sequence[tuple[Instant, Arrival]]
    refused: Sequence[RefusedLine]
    start: Instant
    end: Instant


def find_scripts(folder: Path) -> list[Path]:
    """The files with events in a project's ``data`` folder, people before what they did."""
    found = [path for path in (folder / "data").glob("*") if path.name.endswith(_ENDINGS)]
    return sorted(found, key=lambda path: (not path.name.startswith("people"), path.name))


def names_two(path: Path) -> bool:
    """Whether any call in a file may say that two names are one person's."""
    before = b""
    for piece in Bytes(path).pieces():
        text = before + piece
        if any(mark in text for mark in _TWO_NAMES):
            return True
        before = text[-_LONGEST_MARK:]
    return False


def read_script(
    paths: Iterable[Path], intake: Intake, mine: Callable[[str], bool] = lambda _: True
) -> Script:
    """Reads every file and keeps the calls of the people who are ``mine``."""
    taken: list[tuple[Instant, Arrival]] = []
    refused: list[RefusedLine] = []
    instants: list[Instant] = []
    known: dict[Any, Any] = {}
    for path in paths:
        for number, line in numbered_lines(path):
            place = f"{path.name}:{number}"
            call, received, error = _call(line)
            if received is not None:
                instants.append(received)
            if not mine(str(call.get("userId"))):
                continue
            if received is None:
                refused.append(RefusedLine(place, error))
                continue
            answer = intake.take([call], received, lambda name=place: name)  # type: ignore[misc]
            taken += [(received, _slim(arrival, known)) for arrival in answer.arrivals]
            refused += [RefusedLine(place, wrong.error) for wrong in answer.refused]
    taken.sort(key=itemgetter(0))
    return Script(taken, refused, min(instants, default=0), max(instants, default=0))


def _slim(arrival: Arrival, known: dict[Any, Any]) -> Arrival:
    """The same arrival, with every text and every small record kept once: a year says "United
    Kingdom" often, and sells the same thing over and over.
    """
    if not isinstance(arrival, EventArrived):
        return arrival
    properties = _shared(arrival.event.properties, known)
    return arrival._replace(event=arrival.event._replace(properties=properties))


def _shared(value: Any, known: dict[Any, Any]) -> Any:
    match value:
        case str():
            return known.setdefault(value, value)
        case dict():
            made = {name: _shared(each, known) for name, each in value.items()}
            try:  # by the kinds of its values, too: 1 is equal to yes
                key = (*made, *made.values(), *map(type, made.values()))
                return known.setdefault(key, made)
            except TypeError:  # there are lists in it
                return made
        case list():
            return [_shared(each, known) for each in value]
        case _:
            return value


def _call(line: bytes) -> tuple[dict[str, object], Instant | None, str]:
    try:
        call = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}, None, "This line is not JSON."
    if not isinstance(call, dict):
        return {}, None, "An event must be a JSON object."
    stamp = call.get("timestamp")
    try:
        moment = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        return call, None, 'A replay needs a "timestamp" like 2026-03-01T09:00:00Z in every line.'
    return call, from_datetime(moment), ""
