"""What an older version knew of addresses is looked for beside everything else."""

from __future__ import annotations

import asyncio
import io
from contextlib import closing
from pathlib import Path

from engine.clock import SystemClock
from engine.core.bars import destination_of
from engine.core.profile import Profile
from engine.core.program import Program
from engine.daemon.housekeeping import Housekeeping
from engine.logs import open_log
from engine.metrics import Metrics
from engine.store import open_store
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit
from tests.engine.scene import Scene, journey


def _never(what: str, error: BaseException) -> None:
    raise AssertionError(what) from error


def _house(store: Store, said: io.StringIO) -> Housekeeping:
    return Housekeeping(store, SystemClock(), Metrics(), open_log(stream=said), _never)


def _suppressed(store: Store, count: int) -> None:
    """As an older version left them: known of people, and of no address."""
    people = [
        Profile(f"p{each}", suppressed=frozenset({f"email p{each}@example.com"}))
        for each in range(count)
    ]
    commit(store, Changes(profiles=people), [each.id for each in people])


def test_it_is_done_in_the_background_goes_on_where_it_stopped_and_is_then_over(
    tmp_path: Path,
) -> None:
    said = io.StringIO()
    with closing(open_store(f"sqlite:///{tmp_path / 'wayline.db'}")) as store:
        program: Program = Scene(journey("  - {id: w, wait: 1 day}\n"), store=store).program
        _suppressed(store, 1_200)
        store.bars.recall(("email",), 5, 100)  # of a process that was killed then
        asyncio.run(_house(store, said).recall(None))
        assert store.bars.count() == 100
        asyncio.run(_house(store, said).recall(program))
        assert store.bars.count() == 1_200
        assert "1100" in said.getvalue()

        asyncio.run(_house(store, said).recall(program))
        assert said.getvalue().count("suppressions from before") == 1


def test_whoever_has_such_an_address_next_is_not_written_to(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'wayline.db'}")) as store:
        scene = Scene(journey("  - {id: hi, send: hello, to: email}\n"), store=store)
        _suppressed(store, 1)
        asyncio.run(_house(store, io.StringIO()).recall(scene.program))
        scene.person("eve")
        scene.change("eve", {"email": "P0@example.com"}, {"email": "P0@example.com"})
        scene.event("signed_up", "eve")
        scene.person("ada")
        scene.event("signed_up")

        assert [each.address for each in scene.adapter.messages] == ["ada@example.com"]
        assert store.bars.read([destination_of("email", "p0@example.com")])


def test_a_daemon_that_ends_does_not_wait_for_all_of_it(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'wayline.db'}")) as store:
        program = Scene(journey("  - {id: w, wait: 1 day}\n"), store=store).program
        _suppressed(store, 600)
        house = _house(store, io.StringIO())
        house.stop()
        asyncio.run(house.recall(program))

        assert store.bars.count() == 0
