"""Memberships in PostgreSQL: asked, compared and written by the server."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Collection, Iterable

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import LiveOnly
from engine.core.program import Program
from engine.store.memberships import Rebuilt
from engine.store.postgres import asking, functions
from engine.store.postgres import statements as own
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.scores import PostgresScores
from engine.store.postgres.session import PostgresSession
from engine.store.postgres.shards import hold_everybody
from engine.store.sql import aside
from engine.store.sql.database import Database
from engine.store.sql.memberships import Audience, People, SqlMemberships
from engine.store.sql.session import Session
from engine.store.sql.standings import add_missing

__all__ = ["PostgresMemberships"]

# A document is a list, whose fifth part says who is in what; all others stay letter by letter, and
# so does that one for whom it is known by now.
_WITH = """
    convert_to((
        select '[' || string_agg(
            case when n = 5 and part -> {name} is null then
                '{{' || to_json({name})::text || case when {inside} then ':true' else ':false' end
                || case when part::text = '{{}}' then '}}' else ',' || substr(part::text, 2) end
            else part::text end, ',' order by n
        ) || ']'
        from json_array_elements(convert_from({document}, 'UTF8')::json) with ordinality
            as parts (part, n)
    ), 'UTF8')
"""
_KEEP = f"""
    with asked as (select ?::text as name, ?::boolean as inside, ?::int8 as number, ?::text)
    update people p set document =
        {_WITH.format(name="a.name", inside="a.inside", document="p.document")}
    from asked a where p.number = a.number and p.document is not null
"""
_MAKE = """
    create temp table asked_members (person int8, segment text, inside boolean, was boolean)
    on commit drop
"""
_KEEP_ALL = f"""
    update people p set document =
        {_WITH.format(name="a.segment", inside="a.inside", document="p.document")}
    from asked_members a
    where a.segment = ? and a.was is null and p.number = a.person and p.document is not null
"""
_LOOK_AT_ALL = """
    update standings s set calendar = ?, wake = case when timer < ? then timer else ? end
    where (calendar is null or calendar > ?)
        and s.person in (select person from asked_members where segment = ? and was <> inside)
"""
_COUNT = """
    select count(*) filter (where inside), count(*) filter (where inside and not was),
        count(*) filter (where was and not inside), count(*) filter (where was is null)
    from asked_members where segment = ?
"""


class PostgresMemberships(SqlMemberships):
    """Nobody is held up while the server looks who is in what; only while it is written."""

    def __init__(self, database: Database, audience: Audience, people: People) -> None:
        super().__init__(database, audience, people)
        self.scores = PostgresScores(database)

    _keep = _KEEP

    def rebuild(self, program: Program, names: Collection[str], now: Instant) -> list[Rebuilt]:
        questions = {name: asking.ask_membership(name, program, now) for name in names}
        if any(isinstance(each, LiveOnly) for each in questions.values()):
            return super().rebuild(program, names, now)
        try:
            functions.make_known(self._postgres)
            return self._rebuild(program, questions, now)
        except asking.BEYOND:
            return super().rebuild(program, names, now)

    def _rebuild(
        self, program: Program, questions: dict[str, asking.Asked | LiveOnly], now: Instant
    ) -> list[Rebuilt]:
        with self._postgres.writing() as session:
            unpacks = any(isinstance(q, asking.Asked) and q.unpacks for q in questions.values())
            asking.prepare(session, unpacks=unpacks)
            session.run(_MAKE, ())
            for name, asked in questions.items():
                assert isinstance(asked, asking.Asked)
                others = "or was is not false" if name in program.tracked else ""
                session.run(
                    "insert into asked_members select number, %s, inside, was"
                    f" from ({asked.sql} offset 0) as q (number, inside, was)"
                    f" where inside {others}",
                    (name, *asked.values),
                )
            found = [self._counted(session, program, name) for name in questions]
            if any(each.first or each.entered or each.left for each in found):
                self._write(session, found, now)
            return found

    def _write(self, session: PostgresSession, found: Iterable[Rebuilt], now: Instant) -> None:
        session.run("analyze asked_members", ())
        self._hold(session)
        for each in found:
            if each.first:
                session.execute(_KEEP_ALL, (each.segment,))
        if any(each.entered or each.left for each in found):
            self._add_missing_standings(session)
            for each in found:
                session.execute(_LOOK_AT_ALL, (now, now, now, now, each.segment))
            aside.hide_timers(session)
            session.execute(own.TELL)

    def _members_then(self, program: Program, rule: Rule, then: Instant) -> set[str] | None:
        asked = asking.ask(rule, program, then, as_then=True)
        if isinstance(asked, LiveOnly):
            return None
        try:
            functions.make_known(self._postgres)
            with self._postgres.asking() as session:
                return {name for (name,) in asking.answer(session, asked)}
        except asking.BEYOND:
            return None

    def _counted(self, session: PostgresSession, program: Program, name: str) -> Rebuilt:
        ((members, *others),) = session.rows(_COUNT, (name,))
        return Rebuilt(name, members, *(others if name in program.tracked else ()))

    @property
    def _postgres(self) -> PostgresDatabase:
        assert isinstance(self._database, PostgresDatabase)
        return self._database

    def _hold(self, session: Session) -> None:
        hold_everybody(session)

    def _add_missing_standings(self, session: Session) -> None:
        add_missing(session, own.ADD_MISSING_STANDINGS)
