"""How values go to PostgreSQL and come back.

Text in PostgreSQL has no NUL, and ids of ours may have one: it is written as a backslash and a
zero, and a backslash as two of them. Whole numbers are always sent as the largest kind, so that one
statement is prepared once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import Connection
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

if TYPE_CHECKING:
    from psycopg.abc import Buffer

__all__ = ["adapt", "from_text", "to_text"]

_TEXT = 25  # the number of the type in every PostgreSQL


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


def adapt(connection: Connection[Any]) -> None:
    """Teaches a connection our ways."""
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_loader(_TEXT, _TextLoader)
    connection.adapters.register_dumper(int, Int8Dumper)  # in lists
    connection.adapters.register_dumper(int, Int8BinaryDumper)
