"""What PostgreSQL needs before rules are asked in it: functions in a schema of their own.

They stand in ``postgres.sql``. How letters are folded and raised is told by Python's own tables, so
that a text is the same text here and there; the clocks are PostgreSQL's, whose table of time zones
must be as new as Python's. The database must be encoded in UTF-8. PostgreSQL looks into no text with
a NUL: a store that may have one must see to it before.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterator

__all__ = ["Run", "functions", "install", "letters", "statements"]

Run = Callable[[str, tuple[object, ...]], object]
"""Runs one statement; ``%s`` stands for each value."""

_SCHEMA = "create schema if not exists wayline"
_FORGET = "delete from wayline.letters"
_LETTERS = """
    insert into wayline.letters (letter, folded, raised)
    select * from unnest(%s::text[], %s::text[], %s::text[])
"""


def install(run: Run) -> None:
    """Makes the functions, or makes them anew. In a transaction, and one at a time."""
    run(_SCHEMA, ())
    for statement in statements(functions()):
        run(statement, ())
    run(_FORGET, ())
    run(_LETTERS, tuple(list(column) for column in zip(*letters(), strict=True)))


def functions() -> str:
    """What makes them, as it is written."""
    text = pkgutil.get_data("dsl.sql", "postgres.sql")
    assert text is not None
    return text.decode()


def letters() -> Iterator[tuple[str, str, str]]:
    """Every letter that is another one when folded, or as a capital, with both."""
    for number in range(128, sys.maxunicode + 1):
        letter = chr(number)
        folded, raised = letter.casefold(), letter.upper()
        if folded != letter or raised != letter:
            yield letter, folded, raised
    for number in range(ord("A"), ord("z") + 1):  # in a text that has other letters, too
        letter = chr(number)
        if letter.isalpha():
            yield letter, letter.lower(), letter.upper()


def statements(text: str) -> Iterator[str]:
    """A file, cut where a statement ends: the bodies of functions have ends of their own."""
    lines: list[str] = []
    quoted = False
    for line in text.splitlines():
        if not quoted and line.startswith("--"):
            continue
        lines.append(line)
        quoted ^= line.count("$$") % 2 == 1
        if not quoted and line.rstrip().endswith(";"):
            yield "\n".join(lines).replace("%", "%%")
            lines = []
