"""How long was waited for others is counted where it happens."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from engine.store import open_store
from engine.store.protocol import Aside, Changes, Deployment
from engine.store.testing.samples import commit, event, process
from engine.store.waits import Waits


def test_waits_add_up_by_what_was_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 2.0, 10.0, 13.0, 20.0, 21.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(moments))
    waits = Waits()
    with waits.timed("one"):
        pass
    with pytest.raises(ValueError, match="gave up"), waits.timed("one"):
        raise ValueError("gave up")
    with waits.timed("other"):
        pass

    assert waits.seconds() == {"one": 5.0, "other": 1.0}


def test_a_file_has_one_writer_at_a_time(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'wayline.db'}")) as store:
        assert store.pulse.waited() == {}
        store.append([event("e1")])

        assert list(store.pulse.waited()) == ["writing"]


def test_on_a_server_there_are_locks_for_arriving_advancing_and_deploying(
    postgres_url: str,
) -> None:
    with closing(open_store(postgres_url)) as store:
        store.append([event("e1")])
        assert set(store.pulse.waited()) == {"arriving"}
        process(store, 10)
        assert set(store.pulse.waited()) == {"arriving"}  # nobody waits for who is due
        commit(store, Changes(aside=[Aside("ada", 1, "a bug")]))
        store.deploy(Deployment("1", 1, {}))

        assert set(store.pulse.waited()) == {"arriving", "advancing", "deploying"}
