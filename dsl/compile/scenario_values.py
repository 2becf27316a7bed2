"""What is written in a scenario: ``{{ }}`` of examples, times, and the values of declared fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsl.calendar import DAY, Instant, at_local, subtract
from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error
from dsl.kinds import Kind, ListOf, Record
from dsl.lengths import read_length
from dsl.plan import Field
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.values import attributes_at_rest, properties_at_rest
from dsl.yaml import Entry, Items, Map, Node

__all__ = ["Clock", "Filling", "in_range", "plain", "read_clock", "read_fields_of", "read_happened"]

_BRACES = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d))?)?(?:\s+([A-Za-z][\w+/-]*)|(Z))?",
    re.ASCII,
)
_AGO = re.compile(r"(.*\S)\s+ago", re.ASCII | re.IGNORECASE | re.DOTALL)
_FIRST, _LAST = 0, 230 * 366 * DAY
_WRITE_MOMENT = "Write it like this: 2026-03-02 10:00"


class Filling:
    """Fills the ``{{ }}`` of a scenario with the values of one example, and remembers which.

    ``given`` are keys that the example has and that are no values: they stand in for ``given``.
    """

    def __init__(
        self, values: Mapping[str, Node], given: Iterable[str], found: list[Diagnostic]
    ) -> None:
        self._values = values
        self._given = frozenset(given)
        self._found = found
        self.used: set[str] = set()

    def fill(self, node: Node) -> Node:
        """The node with values in the place of names. ``{{ x }}`` alone can be a list or a map."""
        match node:
            case Text():
                return self._text(node)
            case Map(entries, start):
                return Map(tuple(Entry(each.key, self.fill(each.value)) for each in entries), start)
            case Items(items, start):
                return Items(tuple(self.fill(each) for each in items), start)

    def _text(self, text: Text) -> Node:
        if "{{" not in text:
            return text
        alone = _BRACES.fullmatch(text.strip())
        if alone is not None:
            value = self._value(text, alone)
            return value if value is not None else text
        pieces, end = [], 0
        for braces in _BRACES.finditer(text):
            value = self._value(text, braces)
            if not isinstance(value, Text):
                if value is not None:
                    message = f'"{braces[1]}" is no single value, so it cannot stand inside a text.'
                    self._found.append(error("S08", text.span(), message))
                return text
            pieces += [text[end : braces.start()], value]
            end = braces.end()
        filled = "".join([*pieces, text[end:]])
        return Text.of(filled, text.path, text.line, text.column)

    def _value(self, text: Text, braces: re.Match[str]) -> Node | None:
        name = braces[1]
        self.used.add(name)
        value = self._values.get(name)
        if value is None:
            hint = did_you_mean(name, self._values) or "Give it one under: examples"
            if name in self._given:
                hint = f'In an example, "{name}" takes the place of what is given: leave this out.'
            message = f'No example gives "{name[:60]}" a value.'
            self._found.append(error("N31", text.span(), message, hint))
        elif isinstance(value, Text):
            return Text.of(str(value), text.path, text.line, text.column)
        return value


class Clock:
    """The simulated clock while a script is read: what it shows, and how times are understood."""

    __slots__ = ("holidays", "now", "zone")

    def __init__(self, now: Instant, zone: ZoneInfo, holidays: frozenset[date]) -> None:
        self.now = now
        self.zone = zone
        self.holidays = holidays


def read_clock(
    text: Text, zone: ZoneInfo, found: list[Diagnostic]
) -> tuple[Instant, ZoneInfo] | None:
    """``2026-03-02 10:00 Europe/Berlin``; without a zone, in ``zone``."""
    moment = _MOMENT.fullmatch(text.strip())
    if moment is None:
        message = f'"{text[:60]}" is not a date and time.'
        found.append(error("S10", text.span(), message, _WRITE_MOMENT))
        return None
    year, month, day, hour, minute, second, name, utc = moment.groups()
    if name or utc:
        try:
            zone = ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f'There is no time zone called "{name[:60]}".'
            found.append(error("S10", text.span(), message, "For example: Europe/Berlin"))
            return None
    try:
        at = time(int(hour or 0), int(minute or 0), int(second or 0))
        made = at_local(date(int(year), int(month), int(day)), at, zone)
    except (ValueError, OverflowError):
        message = f'"{text[:60]}" does not exist in the calendar.'
        found.append(error("S10", text.span(), message, _WRITE_MOMENT))
        return None
    return (made, zone) if in_range(made, text, found) else None


def in_range(moment: Instant, text: Text, found: list[Diagnostic]) -> bool:
    """Whether a scenario may go there: with room for every wait and every look back."""
    if _FIRST <= moment < _LAST:
        return True
    message = "Scenarios take place between the years 1970 and 2200."
    found.append(error("S19", text.span(), message))
    return False


def read_happened(text: Text, clock: Clock, found: list[Diagnostic]) -> Instant | None:
    """``3 days ago``, or a date and time that is not after the clock's."""
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        length = read_length(ago[1])
        if length is not None:
            if length.longest > _LAST:
                message = "That is too long ago."
                found.append(error("S19", text.span(), message))
                return None
            return subtract(clock.now, length, clock.zone, clock.holidays)
        message = f'"{ago[1][:60]}" is not a length of time.'
        found.append(error("S10", text.span(), message, "For example: 3 days ago"))
        return None
    read = read_clock(text, clock.zone, found)
    if read is None:
        return None
    if read[0] > clock.now:
        message = "This lies after what the clock shows, so it has not happened yet."
        found.append(error("S19", text.span(), message, "Move the clock first: until: ..."))
        return None
    return read[0]


def read_fields_of(
    node: Map | None,
    fields: Mapping[str, Field],
    what: str,
    zone: ZoneInfo,
    found: list[Diagnostic],
    *,
    at: Text,
    sets: bool = False,
    partly: bool = False,
) -> dict[str, Any]:
    """The values at rest of declared fields. ``what`` is whose they are: ``purchase``.

    ``sets`` reads attributes, where nothing removes one; ``partly`` does not ask for what is
    required. What is missing is told ``at`` the event's name.
    """
    entries = {str(entry.key): entry for entry in node or ()}
    for name, entry in entries.items():
        declared = fields.get(name)
        if declared is None:
            owner = "The person" if sets else what
            word, code = ("attribute", "N01") if sets else ("property", "N02")
            message = f'{owner} has no {word} called "{name[:60]}".'
            found.append(error(code, entry.key.span(), message, did_you_mean(name, fields)))
        else:
            _check_names(entry.value, declared.kind, found)
    raw = {name: plain(entry.value) for name, entry in entries.items()}
    asked = {name: fields[name] for name in raw if name in fields} if partly else fields
    read = attributes_at_rest if sets else properties_at_rest
    values, problems = read(asked, raw, zone=zone)
    for problem in problems:
        wrong = entries.get(problem.name)
        span = at.span() if wrong is None else _span(wrong)
        hint = None if wrong is not None else f"Add under with: {problem.name}: ..."
        found.append(error("T11", span, f"{problem.words[0].upper()}{problem.words[1:]}.", hint))
    return values


def _span(entry: Entry) -> Span:
    value = entry.value
    return value.span() if isinstance(value, Text) and value else entry.key.span()


def _check_names(node: Node, kind: Kind, found: list[Diagnostic]) -> None:
    """Names inside records: what is not declared would be left out in silence."""
    match kind, node:
        case Record(fields), Map():
            known = dict(fields)
            for entry in node:
                inner = known.get(str(entry.key))
                if inner is not None:
                    _check_names(entry.value, inner, found)
                elif known:
                    message = f'There is no field called "{entry.key[:60]}" here.'
                    hint = did_you_mean(entry.key, known) or f"It has: {', '.join(known)}"
                    found.append(error("N02", entry.key.span(), message, hint))
        case ListOf(item), Items():
            for each in node:
                _check_names(each, item, found)
        case _:
            pass


def plain(node: Node) -> Any:
    """What is written, as programs send it: texts, lists and maps."""
    match node:
        case Text():
            return str(node)
        case Map():
            return {str(entry.key): plain(entry.value) for entry in node}
        case Items():
            return [plain(each) for each in node]
