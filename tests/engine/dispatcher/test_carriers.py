"""Which adapters carry a channel, under which names, and the sentence that tells of a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.limits import Limit
from engine.config import ChannelSettings, OperatorError
from engine.dispatcher.carriers import adapters_of
from engine.dispatcher.opening import open_carriers


def outbox(folder: Path, **more: object) -> ChannelSettings:
    return ChannelSettings.model_validate({"adapter": "file", "folder": str(folder), **more})


def test_a_second_adapter_follows_the_first_with_its_own_limits(tmp_path: Path) -> None:
    second = {"adapter": "file", "folder": str(tmp_path / "b"), "concurrency": 2}
    chosen = outbox(tmp_path / "a", limits={"account": "5 per second"}, otherwise=second)
    carried = open_carriers({"sms": chosen}, otherwise=None, channels=frozenset({"sms"}))

    first, other = carried["sms"]
    assert (first.name, other.name) == ("sms/file", "sms/file#2")
    assert first.limits == (Limit("account", 5, 1_000_000),)
    assert (first.concurrency, other.concurrency) == (None, 2)
    assert adapters_of(carried) == [first.adapter, other.adapter]


def test_channels_set_up_alike_share_an_adapter_and_its_limits(tmp_path: Path) -> None:
    same = {name: outbox(tmp_path) for name in ("email", "sms")}
    carried = open_carriers(same, otherwise=None, channels=frozenset(same))

    assert carried["email"] == carried["sms"]
    assert len(adapters_of(carried)) == 1


def test_the_same_adapter_twice_is_a_mistake(tmp_path: Path) -> None:
    twice = outbox(tmp_path, otherwise={"adapter": "file", "folder": str(tmp_path)})

    with pytest.raises(OperatorError, match=r"\[channels.sms.otherwise\] This is the same adapter"):
        open_carriers({"sms": twice}, otherwise=None, channels=frozenset())


def test_a_mistake_in_the_second_is_told_by_its_place(tmp_path: Path) -> None:
    wrong = outbox(tmp_path, otherwise={"adapter": "pigeon"})

    with pytest.raises(OperatorError, match=r"\[channels.sms.otherwise\]"):
        open_carriers({"sms": wrong}, otherwise=None, channels=frozenset())
