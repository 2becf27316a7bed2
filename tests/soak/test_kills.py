"""Killed at random under load: nobody is missed, and nobody is written to twice.

Processes of their own everywhere: clients that send again what was not answered, ``wayline serve``
in its roles, PostgreSQL, and providers that count what their recipients get. For a few seconds, or
for as long as ``WAYLINE_TEST_SOAK`` says (in seconds, for each store); ``WAYLINE_TEST_SEED`` plays
the same dice again. What came of it is printed, and written to ``build/soak``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from secrets import randbelow

import pytest

from engine.store import open_store
from tests.soak.clients import Clients
from tests.soak.count import count, nobody_is_stuck, receipts, settled
from tests.soak.faults import Faults, mount, of_file, of_server
from tests.soak.house import House, Process, until
from tests.soak.server import Wire, server
from tests.soak.shop import write_project

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("WAYLINE_TEST_SOAK", "3"))
SEED = int(os.environ.get("WAYLINE_TEST_SEED", randbelow(1_000_000)))
IS_LONG = SECONDS > 60
RATE = 12.0 if IS_LONG else 20.0  # customers a second
PAUSE = 3.0 if IS_LONG else 0.5  # seconds between two faults
DISK = 600 * 1024 * 1024
OUT = 2 * 12  # calls that a dispatcher has out at most: two rounds, eight pushes and four letters


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Its folder, and where it takes pushes and letters."""
    folder = tmp_path / "provider"
    folder.mkdir()
    command = [sys.executable, "-m", "tests.soak.provider", str(folder), str(SEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        push, mail = map(int, process.stdout.readline().split())
        yield folder, (push, mail)
        process.kill()


@pytest.fixture
def free_port() -> Callable[[], int]:
    import socket

    def free() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            return int(listening.getsockname()[1])

    return free


def rage(
    house: House,
    provider: Path,
    doors: list[Process],
    faults: Faults,
    random: Random,
    out: Callable[[Faults], int],
) -> None:
    """The whole of it: load and faults, then calm, then the count."""
    house.open()
    clients = Clients(doors, RATE, random)
    clients.open()
    faults.rage(SECONDS, PAUSE, house.check)
    (provider / "calm").touch()
    clients.close()
    until(lambda: all(each.is_well() for each in house.processes), "everybody to be well again")
    with closing(open_store(house.store)) as store:
        settled(store)
        before = count(store, clients.customers, provider)
        spoken = receipts(store, before.unknown, provider)
        settled(store)
        after = count(store, clients.customers, provider)
        nobody_is_stuck(store, clients.customers)
    told = (
        f"{SECONDS:g} s, seed {SEED}: {clients.events} events of {len(clients.customers)} people,"
        f" {before.deliveries} deliveries; {dict(faults.counts)};"
        f" answers {dict(clients.answers)}; ended by themselves {dict(house.ended)};"
        f" lost {len(before.lost)}, doubled {len(before.doubled)}, unknown {len(before.unknown)}"
        f" ({before.by_provider} because of providers, {before.at_faults} at faults), of which"
        f" {len(spoken)} had been taken and {len(before.unknown) - len(after.unknown)} were settled"
        " by receipts"
    )
    print(told)
    report = Path("build/soak")
    report.mkdir(parents=True, exist_ok=True)
    with (report / "told").open("a") as lines:
        lines.write(f"{type(random).__name__ and house.store.partition(':')[0]}: {told}\n")

    assert before.lost == []
    assert before.doubled == []
    assert before.at_faults <= out(faults)
    assert {each.id for each in after.unknown} == {each.id for each in before.unknown} - {*spoken}
    assert len(clients.customers) > 0


def doctor(house: House) -> None:
    log = house.folder / "doctor.log"
    code = house.run("doctor", log=log).wait()
    assert code == 0, log.read_text()


def test_one_process_on_a_file(
    tmp_path: Path,
    provider: tuple[Path, tuple[int, int]],
    free_port: Callable[[], int],
) -> None:
    random = Random(SEED)
    disk = tmp_path / "disk"
    with ExitStack() as stack:
        is_mounted = IS_LONG and mount(disk, DISK)
        disk.mkdir(exist_ok=True)
        if is_mounted:
            stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
        project = write_project(tmp_path / "project")
        house = House(tmp_path, f"sqlite:///{disk / 'wayline.db'}", provider[1], project)
        stack.callback(house.end)
        process = house.add("all", free_port())
        faults = Faults(random, of_file(house, random, disk if is_mounted else None))
        rage(house, provider[0], [process], faults, random, lambda f: OUT * f.counts["killed"])
        doctor(house)
        house.stop()


def test_many_processes_on_postgresql(
    tmp_path: Path,
    provider: tuple[Path, tuple[int, int]],
    free_port: Callable[[], int],
) -> None:
    random = Random(SEED)
    mounted: list[Path] = []

    def disk(home: Path) -> None:
        if IS_LONG and mount(home, DISK):
            mounted.append(home)

    with ExitStack() as stack:
        running = stack.enter_context(server(disk))
        wire = Wire(running.socket)
        stack.callback(wire.close)
        house = House(tmp_path, wire.address, provider[1], write_project(tmp_path / "project"))
        stack.callback(house.end)
        doors = [house.add("api", free_port(), "--role", "api")]
        for role, crew in (("engine", 2), ("dispatch", 2)):
            for number in range(crew):
                house.add(f"{role} {number}", free_port(), "--role", role)
        known = of_server(house, random, running, wire, mounted[0] if mounted else None)
        faults = Faults(random, known)
        rage(
            house, provider[0], doors, faults, random, lambda f: OUT * f.counts["dispatcher killed"]
        )
        until(lambda: running.held() == 0, "no shard to be locked")
        doctor(house)
        house.stop()
