"""Reads the laws from the files in which they are written, and refuses what makes no sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from dsl.laws.holidays import DAYS, holiday
from dsl.laws.texts import digest, texts
from dsl.policy import Area, Law, Laws, QuietSpan

__all__ = ["Country", "Entry", "Holiday", "Hours", "countries", "laws_as_written"]

_EVERY_DAY = frozenset(range(7))
_YEARS_AHEAD = 30  # for which the days of holidays are worked out
_SPAN = re.compile(r"(\d\d:\d\d) to (\d\d:\d\d)")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Holiday(_Strict):
    """One public holiday."""

    day: str
    called: str

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        holiday(self.day, 2026)
        return self


class Hours(NamedTuple):
    """When it is allowed on one day of the week, in minutes of the day; the end is exclusive."""

    start: int
    end: int


class Entry(_Strict):
    """One law, as it is written."""

    id: str = Field(pattern=r"^[a-z]{2}(\.[a-z]+)+$")
    state: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    says: str = Field(min_length=10)
    channels: tuple[str, ...] = Field(min_length=1)
    hours: Mapping[str, str] = Field(default_factory=dict)
    never_on_holidays: bool = False
    limit: int | None = Field(default=None, ge=1)
    never: bool = False
    source: str = Field(min_length=10)
    as_of: date
    checked: bool

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [bool(self.hours), self.limit is not None, self.never].count(True) != 1:
            raise ValueError(f"{self.id} must have hours, a limit, or never")
        self.allowed()
        return self

    def allowed(self) -> Mapping[int, Hours]:
        """When it is allowed, by day of the week. Nothing on days that are not in it."""
        made: dict[int, Hours] = {}
        for words, span in self.hours.items():
            read = _SPAN.fullmatch(span)
            if read is None:
                raise ValueError(f"{self.id}: not a span of hours: {span}")
            hours = Hours(_minutes(read[1]), _minutes(read[2]))
            days = _days(words)
            if hours.start >= hours.end or made.keys() & days:
                raise ValueError(f"{self.id}: hours that make no sense: {words}: {span}")
            made.update(dict.fromkeys(sorted(days), hours))
        return made


class Country(_Strict):
    """One data file."""

    jurisdiction: str = Field(pattern=r"^[A-Z]{2}$")
    called: str
    states: Mapping[str, str] = Field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    laws: tuple[Entry, ...] = Field(min_length=1)

    def place(self, entry: Entry) -> str:
        """Where an entry holds, in words."""
        return self.states[entry.state] if entry.state else self.called


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """What is written, by country: ``us`` is the United States."""
    made = {}
    for _, text in texts(".yaml"):
        country = Country.model_validate(YAML(typ="safe").load(text))
        made[country.jurisdiction.lower()] = country
    return MappingProxyType(made)


def laws_as_written() -> Laws:
    """All laws there are."""
    entries = [law for country in countries().values() for law in _compiled(country)]
    states = {
        word.removeprefix("the ").lower(): code
        for country in countries().values()
        for code, name in country.states.items()
        for word in (code, name, f"{country.jurisdiction}-{code}")
    }
    newest = max(law.as_of for country in countries().values() for law in country.laws)
    return Laws(
        countries=tuple(countries()),
        entries=tuple(entries),
        version=f"{newest.isoformat()}/{digest()[:8]}",
        areas=MappingProxyType(_areas()),
        states=MappingProxyType(states),
    )


def _compiled(country: Country) -> Iterator[Law]:
    for entry in country.laws:
        quiet = _silence(entry)
        if entry.never_on_holidays:
            quiet = (*quiet, _on_holidays(entry, country.holidays))
        yield Law(
            id=entry.id,
            country=country.jurisdiction,
            state=entry.state,
            called=country.place(entry),
            says=entry.says,
            channels=frozenset(entry.channels),
            quiet=quiet,
            on_holidays=entry.never_on_holidays,
            limit=entry.limit,
            never=entry.never,
        )


def _silence(entry: Entry) -> tuple[QuietSpan, ...]:
    """The hours that are not allowed. A day alike every day is one span over midnight; else each
    day has its own, from midnight and to midnight.
    """
    allowed = entry.allowed()
    if not allowed:
        return ()
    alike = set(allowed.values())
    if allowed.keys() == _EVERY_DAY and len(alike) == 1:
        (hours,) = alike
        return (QuietSpan(None, None, hours.end, hours.start, entry.id),)
    spans = []
    for hours in sorted(alike):
        days = frozenset(day for day, each in allowed.items() if each == hours)
        spans += [QuietSpan(None, days, 0, hours.start, entry.id)] if hours.start else []
        spans.append(QuietSpan(None, days, hours.end, 0, entry.id))
    never = _EVERY_DAY - allowed.keys()
    if never:
        spans.append(QuietSpan(None, never, 0, 0, entry.id))
    return tuple(spans)


def _on_holidays(entry: Entry, holidays: Sequence[Holiday]) -> QuietSpan:
    years = range(entry.as_of.year, entry.as_of.year + _YEARS_AHEAD)
    dates = frozenset(holiday(each.day, year) for each in holidays for year in years)
    return QuietSpan(None, None, 0, 0, entry.id, dates)


def _areas() -> dict[str, Area]:
    made = {}
    for _, text in texts(".tsv"):
        for line in text.splitlines():
            if line and not line.startswith("#"):
                code, country, state, zones = line.split("\t")
                made[code] = Area(country, state.strip("-"), tuple(zones.strip("-").split()))
    return made


def _days(words: str) -> frozenset[int]:
    """``every day``, ``Sunday``, ``Monday to Friday``."""
    if words == "every day":
        return _EVERY_DAY
    first, _, last = words.lower().partition(" to ")
    start, end = DAYS.index(first), DAYS.index(last or first)
    if start > end:
        raise ValueError(f"days that make no sense: {words}")
    return frozenset(range(start, end + 1))


def _minutes(clock: str) -> int:
    if clock == "24:00":
        return 24 * 60
    read = time.fromisoformat(clock)
    return read.hour * 60 + read.minute
