"""Gates in a database: rows that are locked while they are changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dsl.calendar import Instant
from engine.core.gates import Gate
from engine.store import codec
from engine.store.gates import Change
from engine.store.sql import outward
from engine.store.sql.database import Database
from engine.store.sql.session import Row

__all__ = ["SqlGates"]


class SqlGates:
    """The part of a store in a database that is about gates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, names: Collection[str]) -> dict[str, Gate]:
        with self._database.reading() as session:
            found = _gates(session.among(outward.GATES, sorted(names)))
        return {name: found.get(name, Gate()) for name in names}

    def known(self, now: Instant) -> dict[str, Gate]:
        with self._database.reading() as session:
            return _gates(session.rows(outward.GATES_THAT_MATTER, (now,)))

    def turn(self, names: Collection[str], change: Change) -> None:
        """Always in the order of their names, so that nobody waits in a circle. Those that are
        missing are made in a transaction of their own: whoever makes one while holding others has
        left that order.
        """
        wanted = sorted(names)
        while fresh := self._turn(wanted, change):
            with self._database.writing() as session:
                empty = codec.gate_document(Gate())
                session.many(outward.ADD_GATE, [(each, 0, empty) for each in fresh])

    def _turn(self, wanted: list[str], change: Change) -> list[str]:
        """Changes them if all of them are there; those that are not."""
        with self._database.writing() as session:
            found = _gates(session.among(outward.GATES_TO_CHANGE, wanted))
            fresh = [name for name in wanted if name not in found]
            if fresh:
                return fresh
            changed = change(found)
            session.many(
                outward.CHANGE_GATE,
                [
                    (gate.matters_until, codec.gate_document(gate), name)
                    for name, gate in sorted(changed.items())
                    if gate != found[name]
                ],
            )
        return []

    def prune(self, now: Instant) -> None:
        with self._database.writing() as session:
            session.execute(outward.PRUNE_GATES, (now,))


def _gates(rows: Iterable[Row]) -> dict[str, Gate]:
    return {name: codec.read_gate(document) for name, document in rows}
