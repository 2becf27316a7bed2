"""Killed at any moment, a batch is wholly there or not at all."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from engine.store import open_store
from engine.store.protocol import EdgeCount
from engine.store.testing.samples import process

# Every batch writes one value of each kind for each of 40 people, all with the batch's number.
WORKER = """
import sys
from engine.core.decision import Decision
from engine.core.profile import Profile
from engine.store import open_store
from engine.store.protocol import Changes, EdgeCount
from engine.store.testing.samples import delivery, event, run

store = open_store(sys.argv[1])
people = [f"p{number}" for number in range(40)]
while True:
    with store.batch() as batch:
        loaded = batch.load(people, 10)
        number = loaded["p0"].profile.attributes.get("n", 0) + 1
        changes = Changes(edges={EdgeCount("welcome", "1", -1, 0): len(people)})
        for name in people:
            changes.profiles.append(Profile(name, {"n": number}))
            changes.runs.append(run(f"r/{name}", name, due=1_000 + number))
            changes.runs.append(run(f"{number}/{name}", name, status="closed", outcome="end"))
            changes.deliveries.append(delivery(f"{number}/{name}", name))
            changes.decisions.append(Decision(name, number, "sent", ""))
        batch.commit(changes)
    store.append([event(f"{number}/{name}", name) for name in people])
    print(number, flush=True)
"""


def _work_and_die(path: Path, written: int) -> list[int]:
    """Kills a worker as soon as the write-ahead log has grown to so many bytes: in the middle of
    a commit, more often than not. The batches it told of.
    """
    log = path.with_name(path.name + "-wal")
    command = [sys.executable, "-c", WORKER, f"sqlite:///{path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        while not log.exists() or log.stat().st_size < written:
            assert worker.poll() is None, "the worker gave up"
        os.kill(worker.pid, signal.SIGKILL)
        return [int(number) for number in worker.stdout.read().split()]


def test_a_batch_is_there_or_not_after_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "wayline.db"
    sizes = random.Random(7)
    told: list[int] = []

    for _ in range(8):
        told += _work_and_die(path, sizes.randint(100_000, 1_500_000))
        _check(f"sqlite:///{path}", told)


def _tell_and_die(url: str, batches: int) -> list[int]:
    """Kills a worker after some batches, in the middle of the next one. The batches it told of."""
    command = [sys.executable, "-c", WORKER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        told = [int(worker.stdout.readline()) for _ in range(batches)]
        os.kill(worker.pid, signal.SIGKILL)
        return told + [int(number) for number in worker.stdout.read().split()]


def test_a_batch_is_there_or_not_after_sigkill_on_postgresql(postgres_url: str) -> None:
    told: list[int] = []
    for batches in (1, 3, 2, 4):
        told += _tell_and_die(postgres_url, batches)
        _check(postgres_url, told)


def _check(url: str, told: list[int]) -> None:
    """Nothing half-written is there, and nothing that was told of is not."""
    people = [f"p{number}" for number in range(40)]
    store = open_store(url)
    views = store.people(people, ["order"])
    (number,) = {view.profile.attributes["n"] for view in views.values()}

    assert number >= max(told, default=0)
    assert store.edges() == {EdgeCount("welcome", "1", -1, 0): 40 * number}
    for name, view in views.items():
        ids = {each.id for each in view.runs}
        assert ids == {f"r/{name}"} | {f"{each}/{name}" for each in range(1, number + 1)}
        assert [each.due for each in view.runs if each.status == "live"] == [1_000 + number]
        assert len(store.deliveries_of(name)) == number
        assert [each.at for each in store.decisions(name)] == list(range(1, number + 1))
    (arrived,) = {len(view.history["order"]) for view in views.values()}
    assert len(told) <= arrived <= number
    assert len(process(store, 10)) % 40 == 0
    store.close()
