"""The columns that tables are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

__all__ = ["Serial", "document", "instant", "numbered", "previous", "whole", "word"]

# SQLite numbers rows by itself only if the type is exactly INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")


# What is compared is ids: by their bytes, whatever language the database speaks.
_Text = Text().with_variant(Text(collation="C"), "postgresql")


def numbered() -> Column[int]:
    """The number of a row, by which rows are told apart."""
    return Column("number", Serial, primary_key=True, autoincrement=True)


def word(name: str, **more: Any) -> Column[str]:
    """A text, always there."""
    return Column(name, _Text, nullable=False, **more)


def whole(name: str) -> Column[int]:
    """A whole number, always there."""
    return Column(name, BigInteger, nullable=False)


def previous() -> Column[int]:
    """The number of the person's row before this one."""
    return Column("previous", BigInteger)


def instant(name: str) -> Column[int]:
    """An instant, if there is one."""
    return Column(name, BigInteger)


def document(name: str = "document") -> Column[bytes]:
    """What nothing is asked of by itself."""
    return Column(name, LargeBinary, nullable=False)
