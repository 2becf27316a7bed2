"""Housekeeping changes nothing that anybody could see."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from dsl.expr.context import Happened
from engine.core.signals import EventArrived
from engine.store import open_store


def test_a_tidied_store_knows_what_it_knew_and_its_log_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "wayline.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.append([EventArrived("m", "ada", Happened("order", 5, 5, 0, {"total": 1}))])
        store.tidy()

        assert (tmp_path / "wayline.db-wal").stat().st_size == 0
        assert store.next_wake() == 5
        assert store.append([EventArrived("m", "ada", Happened("order", 5, 5, 0, {}))]).repeated
