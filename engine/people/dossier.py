"""A person's data as one JSON document, for them to have: every single thing that is known, and the
story of it in words.

The form has a number. What is added keeps the number; what changes or goes raises it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final, NamedTuple

import orjson

from dsl.calendar import Instant, to_datetime
from dsl.expr.context import Happened
from dsl.machine import Project
from dsl.policy import EVERY
from engine.core.consent import Entry, place_of
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.origins import apart, with_computed
from engine.core.profile import Profile
from engine.core.zones import zone_called
from engine.store import letters
from engine.store.dossier import Dossier, Filed
from engine.store.view import PersonView
from engine.why import Names, as_data, tell

__all__ = ["FORM", "VERSION", "written"]

FORM: Final = "wayline person"
VERSION: Final = 1
_MOMENTS = {  # fields that are instants, wherever they are
    "asked", "at", "converted", "decided", "due", "entered", "expires", "frozen", "known", "lease",
    "left", "occurred", "received", "sent", "since", "stopped", "timer", "until", "wake", "watch_until",
    "woken",
}  # fmt: skip


def written(dossier: Dossier, project: Project | None, now: Instant) -> Iterator[bytes]:
    """The document, a line for each thing. Without a project nobody can tell the story."""
    head = {"form": FORM, "version": VERSION, "exported": _moment(now)}
    profile = dossier.view.profile
    yield b"{\n" + b",\n".join(_entry(key, value) for key, value in head.items())
    yield b",\n" + _entry("person", profile.id)
    yield b",\n" + _entry("profile", _profile(profile))
    yield b",\n" + _entry("origins", _origins(dossier, project))
    yield b",\n" + _entry("set_aside", _aside(dossier))
    yield b",\n" + _entry("story", _story(dossier, project))
    yield b",\n" + _entry("consent_texts", _texts(dossier, project))
    for key, things in (
        ("names", map(_plain, dossier.names)),
        ("consents", map(_plain, dossier.consents)),
        ("arrivals", map(_filed, dossier.arrivals)),
        ("runs", map(_plain, dossier.view.runs)),
        ("deliveries", map(_plain, dossier.deliveries)),
        ("decisions", map(_plain, dossier.decisions)),
        ("calls", map(_plain, dossier.calls)),
        ("assignments", map(_plain, dossier.assignments)),
        ("kept_aside", map(_plain, dossier.strays)),
    ):
        yield b",\n" + _json(key) + b": ["
        yield from _listed(things)
        yield b"]"
    yield b"\n}\n"


def _listed(things: Iterable[Any]) -> Iterator[bytes]:
    between = b"\n  "
    for thing in things:
        yield between + _json(thing)
        between = b",\n  "


def _entry(key: str, value: Any) -> bytes:
    return _json(key) + b": " + _json(value)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=_mapping)


def _mapping(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"nothing that is known of a person: {value!r}")


def _moment(at: Instant | None) -> str | None:
    return None if at is None else to_datetime(at).isoformat().replace("+00:00", "Z")


def _plain(thing: Any) -> Any:
    """Named tuples as objects, and their instants as people write them. What a project calls
    something stays as it is kept.
    """
    if isinstance(thing, tuple) and hasattr(thing, "_asdict"):
        return {
            key: _moment(value) if key in _MOMENTS and isinstance(value, int) else _plain(value)
            for key, value in thing._asdict().items()
        }
    if is_dataclass(thing) and not isinstance(thing, type):
        return {each.name: _plain(getattr(thing, each.name)) for each in fields(thing)}
    if isinstance(thing, tuple | list):
        return [_plain(each) for each in thing]
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    return thing


def _profile(profile: Profile) -> Mapping[str, Any]:
    consents = []
    for key, at in profile.consents.items():
        category, channel, basis = place_of(key)
        consents.append(
            {
                "category": category,
                "channel": None if channel == EVERY else channel,
                "granted": at > 0,
                "at": _moment(abs(at)),
                "basis": basis,
            }
        )
    return {
        "attributes": profile.attributes,
        "addresses": profile.addresses,
        "other_addresses": {k: _moment(at or None) for k, at in profile.identity.also.items()},
        "drawn_as": profile.unit,
        "consents": consents,
        "suppressed": sorted(profile.suppressed),
        "trouble": {place: _plain(each) for place, each in sorted(profile.trouble.items())},
        "preferences": _preferences(profile),
        "segments": [name for name, inside in profile.segments.items() if inside],
        "contacts": [_plain(each) for each in profile.contacts],
        "wake": _moment(profile.wake),
        "woken": _moment(profile.woken),
    }


def _texts(dossier: Dossier, project: Project | None) -> Mapping[str, Any]:
    """What was shown to them where they agreed."""
    known = {} if project is None else project.policy.consent_texts
    shown = dict.fromkeys(each.wording for each in dossier.consents)
    return {name: dict(known[name]) for name in shown if name in known}


def _origins(dossier: Dossier, project: Project | None) -> Mapping[str, Any]:
    """Where everything comes from; also of what was taken away since. What is computed from events
    is so at every moment.
    """
    origins = dossier.origins
    if project is not None:
        origins = with_computed(origins, dossier.view.profile.attributes, project.plan)
    attributes, addresses = (
        {name: {"at": _moment(at or None), "origin": origin} for name, (at, origin) in part.items()}
        for part in apart(origins)
    )
    return {"attributes": attributes, "addresses": addresses}


def _preferences(profile: Profile) -> Mapping[str, Any] | None:
    at_most, paused_until, said = profile.preferences
    if not said:
        return None
    paused = _moment(paused_until)
    return {"at_most_per_week": at_most, "paused_until": paused, "said": _moment(said)}


def _filed(filed: Filed) -> Mapping[str, Any]:
    kind, name, *_ = letters.arrival_kind(filed.arrival)
    told = _plain(filed.arrival)
    event = told.pop("event", None)
    if event is not None:
        told |= event
    told.pop("person")
    return {"kind": kind, **({"name": name} if name else {}), **told, "waiting": filed.waits}


def _aside(dossier: Dossier) -> Mapping[str, Any] | None:
    aside = dossier.aside
    if aside is None:
        return None
    released = _moment(dossier.released)
    return {"since": _moment(aside.since), "reason": aside.reason, "released": released}


class _Remembered(NamedTuple):
    """A person's story comes from what was read of them at that one moment."""

    view: PersonView
    dossier: Dossier

    def people(self, ids: Sequence[str], _events: Iterable[str]) -> dict[str, PersonView]:
        return dict.fromkeys(ids, self.view)

    def decisions(self, _person: str) -> list[Decision]:
        return self.dossier.decisions

    def deliveries_of(self, _person: str) -> list[Delivery]:
        return self.dossier.deliveries

    def consents(self, _person: str) -> list[Entry]:
        return [*self.dossier.consents]


def _story(dossier: Dossier, project: Project | None) -> Any:
    zone = None if project is None else zone_called(project.policy.zone)
    if project is None or zone is None:
        return None
    names = Names.of(project.plan, zone, project.segments, project.policy.categories)
    history: dict[str, list[Happened]] = {}
    for filed in dossier.arrivals:
        event = getattr(filed.arrival, "event", None)
        if isinstance(event, Happened) and event.name in names.events:
            history.setdefault(event.name, []).append(event)
    view = dossier.view._replace(history=history)
    story = tell(_Remembered(view, dossier), view.profile.id, names)
    return None if story is None else as_data(story)
