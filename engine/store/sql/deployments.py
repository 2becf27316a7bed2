"""Deployed versions, rounds through everybody, and how many people are where.

What was added to a deployment later than its table, and how far a round has gone, stands in
``meta``: so an older store needs no other tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import orjson

from engine.store import codec
from engine.store.protocol import Deployed, Deployment, Residence
from engine.store.sql import aside
from engine.store.sql.session import Session
from engine.store.whereabouts import residence_of

__all__ = [
    "current",
    "deploy",
    "deployment",
    "deployments",
    "end_visit",
    "is_visiting",
    "residents",
    "visit",
]

_ROUND = "round"
_PAGE = 5000  # standings at a time, so that they need not all be in memory

_CURRENT = "select coalesce(max(number), 0) from deployments"
_ADD = "insert into deployments (number, version, deployed, files) values (?, ?, ?, ?)"
_ONE = "select number, version, deployed, files from deployments where number = ?"
_ALL = "select number, version, deployed from deployments order by number"
_GET = "select value from meta where name = ?"
_PUT = """
    insert into meta (name, value) values (?, ?)
    on conflict (name) do update set value = excluded.value
"""
_TAKE = "update meta set value = value where name = ?"  # others wait here until we are done
_DROP = "delete from meta where name = ?"
_PEOPLE = "select number, id from people where number > ? order by number limit ?"
_STANDINGS = """
    select person, document from standings where person > ? order by person limit ?
"""


def current(session: Session) -> int:
    """The number of the current deployment; 0 if there is none."""
    number: int = session.one(_CURRENT)
    return number


def deploy(
    session: Session,
    deployment: Deployment,
    onto: int | None,
    empty: Collection[Residence],
    *,
    visit: bool,
) -> Deployed:
    """Adds a deployment, if it may be."""
    session.execute(_TAKE, ("schema",))  # one deploy at a time
    last = current(session)
    if onto not in (None, last):
        return "overtaken"
    if empty and not residents(session).keys().isdisjoint(empty):
        return "occupied"
    files = codec.mapping_document(deployment.files)
    session.execute(_ADD, (last + 1, deployment.version, deployment.deployed, files))
    notes = {"machines": dict(deployment.machines), "changes": deployment.changes}
    session.execute(_PUT, (_notes_of(last + 1), orjson.dumps(notes).decode()))
    if visit:
        session.execute(_PUT, (_ROUND, "0"))
    return "deployed"


def deployment(session: Session, number: int) -> Deployment | None:
    """One version, with its files."""
    rows = session.rows(_ONE, (number,))
    return _read(session, *rows[0]) if rows else None


def deployments(session: Session) -> list[Deployment]:
    """All versions, without their files."""
    rows = session.rows(_ALL)
    return [_read(session, number, version, at, b"{}") for number, version, at in rows]


def _read(session: Session, number: int, version: str, deployed: int, files: bytes) -> Deployment:
    found = session.rows(_GET, (_notes_of(number),))
    notes: dict[str, Any] = codec.loads(found[0][0]) if found else {}
    machines, changes = notes.get("machines", {}), tuple(notes.get("changes", ()))
    return Deployment(version, deployed, codec.loads(files), number, machines, changes)


def _notes_of(number: int) -> str:
    return f"deployment/{number}"


def is_visiting(session: Session) -> bool:
    """Whether a round is under way."""
    return bool(session.rows(_GET, (_ROUND,)))


def visit(session: Session, limit: int) -> tuple[list[str], int | None] | None:
    """The next people of a round, and as far as it has gone then; None there: to its end."""
    if not is_visiting(session):
        return None
    session.execute(_TAKE, (_ROUND,))
    found = session.rows(_GET, (_ROUND,))
    if not found:
        return None
    rows = session.rows(_PEOPLE, (int(found[0][0]), limit))
    apart = aside.keep_apart(session, [number for number, _ in rows])
    names = [name for number, name in rows if number not in apart]
    return names, rows[-1][0] if len(rows) == limit else None


def end_visit(session: Session, place: int | None) -> None:
    """Remembers how far a round has gone."""
    if place is None:
        session.execute(_DROP, (_ROUND,))
    else:
        session.execute(_PUT, (_ROUND, str(place)))


def residents(session: Session) -> dict[Residence, int]:
    """How many people are where."""
    found: Counter[Residence] = Counter()
    last = 0
    while rows := session.rows(_STANDINGS, (last, _PAGE)):
        last = rows[-1][0]
        for _, document in rows:
            places = [residence_of(run) for run in codec.read_whereabouts(document)]
            for place in places if len(places) < 2 else set(places):
                found[place] += 1
    return dict(found)
