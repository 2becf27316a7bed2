"""What stays when somebody is forgotten is kept under names that nobody can read without the keys;
keys come and go, and what was kept under them is found.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.core.bars import Bar, veiled
from engine.core.numbers import Said, place_of
from engine.store import open_store
from engine.store.protocol import Store

ADA = ("email", "ada@example.com")
NUMBER = "+4915112345678"
OLD, NEW = b"an older key of the house", b"the key that is used now"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wayline.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


def _names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [name for (name,) in db.execute("select name from said order by name")]


def _meta(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("select * from meta").fetchall())


def _stop(store: Store, at: int) -> None:
    def tell(said: Said) -> tuple[Said, tuple[()]]:
        return said.hearing(f"m{at}")._replace(stopped=at), ()

    store.numbers.hear("sms", NUMBER, [], tell)


def test_names_are_made_with_the_key_and_it_is_nowhere_in_the_store(
    store: Store, path: Path
) -> None:
    store.bars.under([NEW])
    store.bars.tell([(ADA, Bar(5))])
    _stop(store, 7)

    said = b"bar:\x1femail\x1fada@example.com"
    assert "bar:" + hmac.digest(NEW, said, "sha256").hex()[:40] in _names(path)
    assert veiled(NEW, "", ("sms", NUMBER)) in _names(path)
    assert NEW.decode() not in _meta(path)
    assert "'numbers'" not in _meta(path)  # the store has made up none of its own


def test_without_the_key_nothing_is_found_and_it_is_known_that_one_is_lacking(
    store: Store,
) -> None:
    store.bars.under([OLD])
    store.bars.tell([(ADA, Bar(5))])
    assert store.bars.lost() == 0
    store.bars.under([NEW])

    assert store.bars.read([ADA]) == {}
    assert store.bars.lost() == 1


def test_keys_follow_one_another_and_what_is_told_again_moves_to_the_present_one(
    store: Store, path: Path
) -> None:
    """First the store's own, then one outside it, then another."""
    store.bars.tell([(ADA, Bar(5, "a complaint", "r"))])
    _stop(store, 3)
    store.bars.under([OLD])
    assert store.bars.read([ADA]) == {ADA: Bar(5, "a complaint", "r")}
    store.bars.tell([(ADA, Bar(forgotten=8))])
    _stop(store, 4)
    store.bars.under([NEW, OLD])
    store.bars.tell([(ADA, Bar(9, "a hard bounce", "x"))])
    _stop(store, 2)

    whole = Bar(9, "a hard bounce", "x", 0, 8)
    assert store.bars.read([ADA]) == {ADA: whole}
    (said,) = store.numbers.said([("sms", NUMBER)]).values()
    assert (said.stopped, len(said.heard)) == (2, 3)
    assert len(_names(path)) == 2
    store.bars.under([NEW])
    assert store.bars.read([ADA]) == {ADA: whole}
    assert store.bars.count() == 1


def test_what_an_older_version_has_kept_is_found(store: Store, path: Path) -> None:
    _stop(store, 3)
    with closing(sqlite3.connect(path)) as db:
        (secret,) = db.execute("select value from meta where name = 'numbers'").fetchone()

    assert _names(path) == [place_of(secret.encode(), "sms", NUMBER)]
