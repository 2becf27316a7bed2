"""Subscriptions in a database, and what happened for them, from the log and from the decisions."""

from __future__ import annotations

from engine.core.hooks import Happening, Hook, Mark, message_sort, wants
from engine.store import codec
from engine.store.hooks import REACH, Keep
from engine.store.sql.database import Database
from engine.store.sql.session import Session
from engine.store.sql.statements import Add, Set

__all__ = ["ERASED", "SqlHooks", "tell_of_erasure"]

ERASED = "person.erased"
_KNOWN = "select document from hooks order by created, id{}"
_ADD = Add("hooks", "id", "created", "document")
_CHANGE = Set("hooks", "created", "document", key="id")
_REMOVE = ("delete from hooks where id = ?", "delete from hook_words where hook = ?")
_END = """
    select (select coalesce(max(number), 0) from log),
        (select coalesce(max(number), 0) from decisions)
"""
_HEARD = """
    select l.number, l.kind, l.name, l.id, l.occurred, p.id, l.document
    from log l join people p on p.number = l.person
    where l.number > ? and l.number <= ? and (
        l.kind = 'event' and substr(l.name, 1, 8) in ('message_', 'consent_', 'segment ')
        or l.kind = 'joined'
    )
    order by l.number limit ?
"""
_DECIDED = """
    select d.number, d.at, d.what, d.reason, d.journey, d.run, p.id
    from decisions d join people p on p.number = d.person
    where d.number > ? and d.number <= ? and d.what in ('entered', 'left')
    order by d.number limit ?
"""
_WORDS = """
    select number, about, at from hook_words where hook = ? order by number limit ?
"""
_FORGET = "delete from hook_words where hook = ? and number <= ?"
_NAME = "select id from people where number = ?"
_ASKED = "select coalesce(max(received), 0) from log where number = ?"
_TELL = "insert into hook_words (number, hook, about, at) values (?, ?, ?, ?)"


class SqlHooks:
    """The part of a store in a database that is about subscriptions. ``lock`` is what lets nobody
    else change a row that is read.
    """

    def __init__(self, database: Database, lock: str = "") -> None:
        self._database = database
        self._lock = lock

    def known(self) -> list[Hook]:
        with self._database.reading() as session:
            return [codec.read_hook(document) for (document,) in session.rows(_KNOWN.format(""))]

    def turn(self, change: Keep) -> None:
        with self._database.writing() as session:
            rows = session.rows(_KNOWN.format(self._lock))
            known = [codec.read_hook(document) for (document,) in rows]
            there = {hook.id for hook in known}
            changed = list(change(known))
            fresh = [hook for hook in changed if hook.id not in there]
            session.many(_ADD, [(h.id, h.created, codec.hook_document(h)) for h in fresh])
            others = [hook for hook in changed if hook.id in there]
            session.many(_CHANGE, [(h.created, codec.hook_document(h), h.id) for h in others])

    def remove(self, hook: str) -> None:
        with self._database.writing() as session:
            for statement in _REMOVE:
                session.execute(statement, (hook,))

    def end(self) -> Mark:
        with self._database.reading() as session:
            ((log, decisions),) = session.rows(_END)
            return Mark(log, decisions)

    def horizon(self) -> Mark:
        """There is one writer, and numbers are given in the order of writing."""
        return self.end()

    def happened(self, hook: Hook, horizon: Mark, limit: int) -> tuple[list[Happening], Mark]:
        log = max(hook.mark.log, min(horizon.log, hook.mark.log + REACH))
        decisions = min(horizon.decisions, hook.mark.decisions + REACH)
        decisions = max(hook.mark.decisions, decisions)
        with self._database.reading() as session:
            heard = session.rows(_HEARD, (hook.mark.log, log, limit))
            decided = session.rows(_DECIDED, (hook.mark.decisions, decisions, limit))
            words = session.rows(_WORDS, (hook.id, limit))
        found = [each for row in heard if (each := _heard(hook, *row)) is not None]
        found += [_decided(hook, *row) for row in decided]
        found += [_word(hook, *row) for row in words]
        through = Mark(
            heard[-1][0] if len(heard) == limit else log,
            decided[-1][0] if len(decided) == limit else decisions,
            words[-1][0] if words else hook.mark.words,
        )
        return [each for each in found if wants(hook.sorts, each.sort)], through

    def forget_words(self, hook: str, through: int) -> None:
        with self._database.writing() as session:
            session.execute(_FORGET, (hook, through))


def _heard(
    hook: Hook, number: int, kind: str, name: str, identity: str, at: int, who: str, document: bytes
) -> Happening | None:
    """What is damaged is told to nobody: whoever advances the person finds out what it is."""
    mark = hook.mark._replace(log=number)
    try:
        content = codec.loads(document)
    except ValueError:
        return None
    if kind == "joined":
        name, by, _, refused, *_ = content
        data = {"merged": name, "by": by}
        return None if refused else Happening(identity, "person.merged", at, who, data, mark)
    sort = message_sort(name)
    if sort.startswith("segment."):
        content = {"segment": name.removeprefix("segment ").rpartition(" ")[0]}
    return Happening(identity, sort, at, who, content, mark)


def _decided(
    hook: Hook, number: int, at: int, what: str, reason: str, journey: str, run: str, who: str
) -> Happening:
    mark = hook.mark._replace(decisions=number)
    data = {"journey": journey, "run": run, "reason": reason}
    return Happening(f"{run}/{what}", f"journey.{what}", at, who, data, mark)


def _word(hook: Hook, number: int, who: str, at: int) -> Happening:
    mark = hook.mark._replace(words=number)
    return Happening(f"erased/{who}/{at}", ERASED, at, who, {}, mark)


def tell_of_erasure(session: Session, person: int, through: int) -> None:
    """Before somebody is forgotten, by the arrival ``through`` that asks for it: writes down for those who
    want to be told. Whoever was given something of a person is to hear that they are forgotten.
    """
    wanting = [
        hook.id
        for (document,) in session.rows(_KNOWN.format(""))
        if wants((hook := codec.read_hook(document)).sorts, ERASED) and not hook.disabled
    ]
    if wanting:
        numbers = session.numbers("hook_words", len(wanting))
        name, at = session.one(_NAME, (person,)), session.one(_ASKED, (through,))
        rows = [(n, each, name, at) for n, each in zip(numbers, wanting, strict=True)]
        session.many(_TELL, rows)
