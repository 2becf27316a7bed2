"""A disk that cannot be read: SQLite says so, and whoever asked may ask again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.store import open_store
from engine.store.protocol import Changes, Store, StoreUnavailableError

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="what a process has open is looked up in /proc"
)

_MANY = 300  # more than fits into the pages that are read already


@contextmanager
def faulty(path: Path) -> Iterator[None]:
    """Whatever this process has open of the store cannot be read any more, as if its disk had gone."""
    opened = []
    for each in Path("/proc/self/fd").iterdir():
        try:
            target = str(each.readlink())
        except OSError:  # it was the one that looks at them
            continue
        if target in (str(path), f"{path}-wal"):
            opened.append(int(each.name))
    kept = {number: os.dup(number) for number in opened}
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in opened:
        os.dup2(nothing, number)
    try:
        yield
    finally:
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
        os.close(nothing)


def delivery(number: int) -> Delivery:
    person, text = f"p{number}", {"text": "x" * 500}
    return Delivery(
        *(f"d{number}", person, "j", "r", "s", "sms", "news", "m", "+4930123456"), text, 1, 1, None
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.people([f"p{n}" for n in range(_MANY)], ()),
        lambda store: store.deliveries([f"d{n}" for n in range(_MANY)]),
        lambda store: store.decisions("p7"),
    ],
    ids=["people", "deliveries", "decisions"],
)
def test_what_cannot_be_read_may_be_asked_again(
    tmp_path: Path, read: Callable[[Store], object]
) -> None:
    """It is a store that is away for a while, as when it cannot be written; and then it is back."""
    path = tmp_path / "wayline.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        with store.batch() as batch:
            batch.commit(
                Changes(
                    profiles=[Profile(f"p{n}", {"note": "x" * 500}) for n in range(_MANY)],
                    deliveries=[delivery(n) for n in range(_MANY)],
                )
            )
        store.next_wake()  # somebody is reading already

        with faulty(path), pytest.raises(StoreUnavailableError, match="cannot be used"):
            read(store)
        read(store)
