"""What a simulation leaves behind for ``wayline why``: one small file, one row for each person.

Read like a store: profiles, decisions, deliveries and history of one person at a time.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from dsl.expr.context import Happened
from engine.core.consent import CONSENT_EVENTS, Entry, entry_of
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.profile import Preferences, Profile
from engine.store.memory import MemoryStore
from engine.store.protocol import PersonView
from engine.why import Names

__all__ = ["FILE", "Results", "Row", "about_names", "row_of", "write_results"]

FILE = "people.sqlite"

_PROFILE = ("attributes", "addresses", "consents")  # what a story says of a person
_DELIVERY = (
    "id",
    "person",
    "journey",
    "run",
    "step",
    "channel",
    "category",
    "message",
    "address",
    "parts",
    "decided",
    "due",
    "expires",
    "status",
    "attempts",
    "provider_id",
)
_SCHEMA = """
create table about (what text primary key, value text not null);
create table person (id text primary key, story blob not null) without rowid;
"""


class Row(NamedTuple):
    """One person's story, packed."""

    person: str
    story: bytes


def row_of(store: MemoryStore, person: str, events: Sequence[str]) -> Row | None:
    """Packs what a store knows of a person; None for somebody it has never heard of.

    Events are numbered per person: the numbers of the log depend on who else was there.
    """
    view = store.people([person], events).get(person)
    if view is None:
        return None
    past = sorted(
        (event for happened in view.history.values() for event in happened),
        key=lambda event: event.number,
    )
    story = {
        "profile": {name: getattr(view.profile, name) for name in _PROFILE},
        "preferences": view.profile.preferences[:],
        "decisions": [decision[:] for decision in store.decisions(person)],
        "deliveries": [
            {name: getattr(delivery, name) for name in _DELIVERY}
            for delivery in store.deliveries_of(person)
        ],
        "history": [event._replace(number=n)[:] for n, event in enumerate(past, 1)],
    }
    return Row(person, zlib.compress(orjson.dumps(story, default=_plain), 1))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value))


def about_names(names: Names) -> Mapping[str, str]:
    """The names as texts, to be read again by ``Results.names``."""
    return {
        "zone": names.zone.key,
        "events": orjson.dumps(names.events).decode(),
        "amounts": orjson.dumps(names.amounts).decode(),
        "moments": orjson.dumps(names.moments).decode(),
        "personal": orjson.dumps(sorted(names.personal)).decode(),
    }


def write_results(folder: Path, rows: Iterable[Row], about: Mapping[str, str]) -> Path:
    """Writes the file anew. A reader sees the old one or the new one, never half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    draft, path = folder / f"{FILE}.new", folder / FILE
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft)) as db:
        db.executescript("pragma journal_mode=off; pragma synchronous=off;" + _SCHEMA)
        db.executemany("insert into about values (?, ?)", about.items())
        db.executemany("insert into person values (?, ?)", sorted(rows))
        db.commit()
    draft.replace(path)
    return path


class Results:
    """The people of a simulation, as ``why`` asks for them.

    Raises FileNotFoundError if there are no results in ``folder``.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.is_file():
            raise FileNotFoundError(path)
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        self._known: dict[str, Mapping[str, Any]] = {}

    @property
    def about(self) -> Mapping[str, str]:
        """What the simulation was of: project, version, start, end, and what ``names`` reads."""
        return dict(self._db.execute("select what, value from about"))

    @property
    def names(self) -> Names:
        """What is to be known of the project to tell a story."""
        about = self.about
        return Names(
            zone=ZoneInfo(about["zone"]),
            events=tuple(orjson.loads(about["events"])),
            amounts=orjson.loads(about["amounts"]),
            personal=frozenset(orjson.loads(about["personal"])),
            moments=orjson.loads(about.get("moments", "{}")),
        )

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        names = frozenset(events)
        views = {}
        for person in ids:
            story = self._story(person)
            if story is not None:
                history: dict[str, list[Happened]] = {}
                for event in map(Happened._make, story["history"]):
                    if event.name in names:
                        history.setdefault(event.name, []).append(event)
                said = Preferences(*story.get("preferences", ()))
                profile = Profile(person, **story["profile"], preferences=said)
                views[person] = PersonView(profile, [], history)
        return views

    def decisions(self, person: str) -> list[Decision]:
        story = self._story(person)
        return [] if story is None else [Decision._make(each) for each in story["decisions"]]

    def deliveries_of(self, person: str) -> list[Delivery]:
        story = self._story(person)
        return [] if story is None else [Delivery(**each) for each in story["deliveries"]]

    def consents(self, person: str) -> list[Entry]:
        """What they said about being written to; the words have no names here."""
        said = self.people([person], CONSENT_EVENTS).get(person)
        history = {} if said is None else said.history
        words = [entry_of("", person, each) for events in history.values() for each in events]
        return [word for word in words if word is not None]

    def some_people(self, like: str, most: int = 5) -> list[str]:
        """Ids that begin alike, for somebody who mistyped one."""
        found = self._db.execute(
            "select id from person where substr(id, 1, ?) = ? order by id limit ?",
            (max(1, len(like) - 2), like[: max(1, len(like) - 2)], most),
        )
        return [row[0] for row in found]

    def close(self) -> None:
        """Gives the file back."""
        self._db.close()

    def _story(self, person: str) -> Mapping[str, Any] | None:
        if person not in self._known:
            row = self._db.execute("select story from person where id = ?", (person,)).fetchone()
            if row is None:
                return None
            self._known[person] = orjson.loads(zlib.decompress(row[0]))
        return self._known[person]
