"""How values go to PostgreSQL and come back.

Text in PostgreSQL has no NUL, and ids of ours may have one: it is written as a backslash and a
zero, and a backslash as two of them. Whole numbers are always sent as the largest kind, so that one
statement is prepared once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from psycopg import Connection
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

if TYPE_CHECKING:
    from psycopg.abc import Buffer

__all__ = ["adapt", "copied_as", "from_text", "to_text"]

_TEXT = 25  # the number of the type in every PostgreSQL
_AS_IT_IS = "varchar"  # the same bytes to the server, and the driver's own way of making them


def to_text(text: str) -> str:
    """Text as PostgreSQL can keep it."""
    if "\\" in text or "\0" in text:
        return text.replace("\\", "\\\\").replace("\0", "\\0")
    return text


def from_text(text: str) -> str:
    """The text that ``to_text`` was given."""
    if "\\" not in text:
        return text
    return "\\".join(part.replace("\\0", "\0") for part in text.split("\\\\"))


class _TextDumper(Dumper):
    oid = _TEXT
    format = Format.BINARY

    def dump(self, obj: str) -> bytes:
        if "\\" in obj or "\0" in obj:  # asked here as well: it is fifteen texts a step
            obj = to_text(obj)
        return obj.encode()


class _TextLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return from_text(str(data, "utf-8"))


def copied_as(kinds: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """As what kinds of values rows are copied whose columns are of these kinds.

    Columns of text in which nothing has to be written differently need not be gone through value
    by value: looking at all of a column at once, a text takes half the time.
    """
    found = list(kinds)
    if "text" in found:
        for place, column in enumerate(zip(*rows, strict=True)):
            if found[place] == "text" and None not in column:
                whole = "".join(column)
                if "\\" not in whole and "\0" not in whole:
                    found[place] = _AS_IT_IS
    return found


def adapt(connection: Connection[Any]) -> None:
    """Teaches a connection our ways."""
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_loader(_TEXT, _TextLoader)
    connection.adapters.register_dumper(int, Int8Dumper)  # in lists
    connection.adapters.register_dumper(int, Int8BinaryDumper)
