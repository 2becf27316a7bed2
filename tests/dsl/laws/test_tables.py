"""The laws that are shipped are those that are written, and nothing but a saving of time."""

from __future__ import annotations

from dataclasses import fields

import pytest

from dsl.laws import book as books
from dsl.laws.reading import laws_as_written
from dsl.laws.tables import laws_in, shipped, tables_of
from dsl.laws.texts import digest
from dsl.policy import Laws

WRITTEN = laws_as_written()


def test_what_is_shipped_is_what_is_written() -> None:
    ours = shipped(digest())

    assert ours is not None, "make docs writes the tables again"
    assert _whole(ours) == _whole(WRITTEN)


def test_the_laws_of_today_make_the_same_tables() -> None:
    """Whoever writes them again changes nothing that has not changed."""
    again = laws_in(tables_of(WRITTEN, "of"), "of")

    assert again is not None
    assert tables_of(again, "of") == tables_of(WRITTEN, "of")


@pytest.mark.parametrize("file", [b"", b"torn", b"x\x9c[]", tables_of(WRITTEN, "another text")])
def test_tables_of_other_files_are_not_used(file: bytes) -> None:
    assert laws_in(file, digest()) is None


def test_who_changes_a_file_reads_what_it_says_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "digest", lambda: "of a file that was changed")
    books.book.cache_clear()

    assert _whole(books.book()) == _whole(WRITTEN)


def _whole(laws: Laws) -> dict[str, object]:
    """Everything: laws are alike to others when their version is."""
    return {field.name: getattr(laws, field.name) for field in fields(laws)}
