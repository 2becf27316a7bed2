"""Which laws protect somebody from messages that need consent, by their number and their profile.

Where a person is, is known from what they say (country, state, time zone), else from how their
number begins, which says where it was given out; where even that says nothing, the law of every
state holds, each by the clocks of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from channels.phone import read_number
from dsl.calendar import DAY, Duration
from dsl.policy import Area, Cap, ConsentNotNeeded, Law, Policy, QuietSpan, Rolling
from engine.core.profile import Contact
from engine.core.quiet import Silence
from engine.core.zones import country_zones, zone_called

__all__ = ["FREE", "Bounds", "Lawful", "lawful_on"]

_LIMITED = Rolling(Duration(micros=DAY))  # limits are by 24 hours
_LONGEST_CODE, _SHORTEST_CODE = 5, 2  # "+1212" and "+1"
_MOST_REMEMBERED = 10_000


class Bounds(NamedTuple):
    """What the laws of their place say for one person. ``never`` is why nothing may be sent."""

    silences: tuple[Silence, ...] = ()
    limits: tuple[Cap, ...] = ()
    never: str = ""


_NOWHERE = Area("", "", ())
FREE = Bounds()
"""No law says anything."""


class _Home(NamedTuple):
    """What is known of where somebody is."""

    code: str  # with which their number begins; empty: of no country with laws
    country: str
    state: str  # as they say it themselves
    zone: str


class Lawful:
    """The laws about messages on one channel that need consent."""

    def __init__(self, policy: Policy, channel: str, entries: tuple[Law, ...]) -> None:
        self._laws = policy.laws
        self._channel = channel
        self._entries = entries
        self._holidays = policy.holidays
        self._exempt = frozenset(  # categories whose messages no law counts
            name
            for name, category in policy.categories.items()
            if isinstance(category.consent, ConsentNotNeeded)
        )
        self._countries = frozenset(law.country for law in entries)
        beginnings = {code[:_SHORTEST_CODE] for code in policy.laws.areas}
        # However a number is written, these are its first two characters if it begins like this.
        self._elsewhere = frozenset(f"+{digit}" for digit in range(10)) - beginnings
        self._known: dict[_Home, Bounds] = {}

    def bounds(self, address: str, attributes: Mapping[str, Any]) -> Bounds:
        """What holds for whoever is known by ``attributes`` and reached at ``address``."""
        code = "" if address[:_SHORTEST_CODE] in self._elsewhere else self._code(address)
        country = _said(attributes, "country")
        if not code and country.strip().upper() not in self._countries:
            return FREE  # nearly everybody, at every send
        home = _Home(
            code,
            country,
            _said(attributes, self._laws.state),
            _said(attributes, "time_zone"),
        )
        found = self._known.get(home)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[home] = self._bounds(home)
        return found

    def counted(self, contacts: Iterable[Contact]) -> list[Contact]:
        """Those of somebody's messages that count for limits."""
        return [
            contact
            for contact in contacts
            if contact.channel == self._channel and contact.category not in self._exempt
        ]

    def _code(self, address: str) -> str:
        """How a number begins, if it begins like one of a country with laws."""
        number = read_number(address) or ""
        lengths = range(_LONGEST_CODE, _SHORTEST_CODE - 1, -1)
        return next((number[:n] for n in lengths if number[:n] in self._laws.areas), "")

    def _bounds(self, home: _Home) -> Bounds:
        silences: list[Silence] = []
        limits: list[Cap] = []
        never = ""
        for law in self._entries:
            zones = self._zones(law, home)
            if zones is None:
                continue
            words = f"{law.called[:1].upper()}{law.called[1:]}: {law.says}"
            rule = f"{law.id} {self._laws.version}"
            silences += [Silence(span, zones, f"{words}, {rule}") for span in self._spans(law)]
            if law.limit is not None:
                limits.append(Cap(law.limit, _LIMITED, None, None, words, rule))
            if law.never and not never:
                never = f"{words}, {rule}"
        return (
            Bounds(tuple(silences), tuple(limits), never) if silences or limits or never else FREE
        )

    def _spans(self, law: Law) -> Iterator[QuietSpan]:
        yield from law.quiet
        if law.on_holidays and self._holidays:
            yield QuietSpan(None, None, 0, 0, law.id, self._holidays)

    def _zones(self, law: Law, home: _Home) -> tuple[ZoneInfo, ...] | None:
        """On whose clocks a law holds for somebody; None if it does not concern them."""
        area = self._laws.areas.get(home.code, _NOWHERE)
        country = home.country.strip().upper()
        by_number = area.country == law.country
        if not by_number and country != law.country:
            return None
        state = self._state(home) if country in ("", law.country) else ""
        lives_in = state or (area.state if by_number else "")
        if law.state and lives_in not in ("", law.state):
            return None
        own = zone_called(home.zone.strip()) if home.zone else None
        if own is not None:
            return (own,)
        if state or (law.state and not lives_in):
            return self._of_state(law.country, state or law.state)
        zones = (_called(area.zones) if by_number else ()) or country_zones(law.country)
        if country in ("", law.country):
            return zones
        return (*zones, *country_zones(country))

    def _state(self, home: _Home) -> str:
        """The state in which somebody says to live; empty if they do not."""
        return self._laws.states.get(" ".join(home.state.lower().split()), "")

    def _of_state(self, country: str, state: str) -> tuple[ZoneInfo, ...]:
        names = {
            name: None
            for area in self._laws.areas.values()
            if area.country == country and area.state == state
            for name in area.zones
        }
        return _called(tuple(names)) or country_zones(country)


def lawful_on(policy: Policy, channel: str) -> Lawful | None:
    """The laws about a channel; None if there are none."""
    entries = tuple(law for law in policy.laws.entries if channel in law.channels)
    return Lawful(policy, channel, entries) if entries else None


def _said(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name) if name else None
    return value if isinstance(value, str) else ""


def _called(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    return tuple(zone for zone in map(zone_called, names) if zone is not None)
