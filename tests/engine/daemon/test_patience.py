"""A store that cannot be used: said once, waited for, and over when it is over."""

from __future__ import annotations

import io
import json

from dsl.calendar import SECOND
from engine.daemon.patience import Patience
from engine.logs import open_log
from engine.store.protocol import StoreUnavailableError

AWAY = StoreUnavailableError("The store cannot be used: the disk is full.")


class Stage:
    def __init__(self) -> None:
        self.second = 0.0
        self._out = io.StringIO()
        self.patience = Patience(
            open_log("json", stream=self._out), pace=lambda: round(self.second * SECOND)
        )

    def said(self) -> list[str]:
        return [json.loads(line)["event"] for line in self._out.getvalue().splitlines()]


def test_what_fails_beside_what_works_is_one_trouble() -> None:
    """On a full disk reading goes well, and writing does not."""
    stage = Stage()
    pauses = []
    for tenth in range(50):
        stage.second = tenth / 10
        pauses.append(stage.patience.troubled(AWAY))
        stage.patience.well()

    assert stage.said() == ["waiting for the store"]
    assert pauses[0] == 0.1
    assert pauses[-1] == 5.0
    stage.second += 1
    stage.patience.well()
    stage.patience.well()
    assert stage.said() == ["waiting for the store", "the store can be used again"]


def test_the_next_trouble_is_said_again() -> None:
    stage = Stage()
    for second in (0.0, 10.0):
        stage.second = second
        assert stage.patience.troubled(AWAY) == 0.1
        stage.second += 2
        stage.patience.well()

    assert stage.said() == ["waiting for the store", "the store can be used again"] * 2


def test_without_trouble_nothing_is_said() -> None:
    stage = Stage()
    stage.patience.well()

    assert stage.said() == []
