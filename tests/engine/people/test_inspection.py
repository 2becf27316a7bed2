"""The four questions about a segment, answered from what a store knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.calendar import DAY
from dsl.expr.context import Happened
from dsl.project import Folder
from engine.cli.main import wayline
from engine.core.profile import Profile
from engine.core.signals import EventArrived
from engine.deploy import deploy_folder
from engine.people.inspection import Access, Overlap, inspect
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit
from tests.engine.scene import SHOP, program_of
from tests.postgres import address_of, new_database

NOW = 1_772_442_000_000_000
SEGMENTS = """
segments:
  active: {title: Bought lately, who: did purchase in the last 10 days}
  regular: {who: bought >= 2}
  gold: {who: tier is "gold"}
  empty: {who: tier is "silver"}
"""
PLAN = SHOP["plan.yaml"].replace("profile:\n", "profile:\n  bought: = count of purchase\n")
FILES = {**SHOP, "plan.yaml": PLAN, "segments.yaml": SEGMENTS}
PROGRAM = program_of(FILES)
BOUGHT = {"ada": (3, 20), "bob": (5,), "cyd": (12, 15), "dan": (40, 41)}  # days ago


@pytest.fixture(params=["memory", "sqlite", "postgres"], scope="module")
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Filled once: nothing here is changed by looking at it."""
    with ExitStack() as ends:
        if request.param == "memory":
            opened: Store = MemoryStore()
        elif request.param == "sqlite":
            opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('stores') / 'people.db'}")
        else:
            server = request.getfixturevalue("postgres_server")
            opened = open_store(address_of(ends.enter_context(new_database(server))))
        ends.callback(opened.close)
        fill(opened)
        yield opened


def fill(store: Store) -> None:
    people = [
        Profile(
            name,
            {
                "tier": "gold" if name in ("ada", "dan") else "bronze",
                "email": f"{name}@example.com",
            },
            {"email": f"{name}@example.com", **({"push": "t"} if name == "bob" else {})},
            {"promotional/*": 5} if name == "ada" else {},
            suppressed=frozenset({"email bob@example.com"} if name == "bob" else ()),
        )
        for name in (*BOUGHT, "eve")
    ]
    commit(store, Changes(profiles=people), [each.id for each in people])
    for name, days in BOUGHT.items():
        for ago in days:
            at = NOW - ago * DAY
            done = Happened("purchase", at, NOW, 0, {"total": 100})
            store.append([EventArrived(f"{name} {ago}", name, done)])
    while Runner(store, PROGRAM).run_once(NOW).people:
        pass


def test_size_overlap_and_reach_are_counted(store: Store) -> None:
    told = inspect(store, PROGRAM, "active", NOW)

    assert (told.everybody, told.size, told.title) == (5, 2, "Bought lately")
    assert told.overlaps == (
        Overlap("gold", 2, 1),
        Overlap("regular", 3, 1),
        Overlap("empty", 0, 0),
    )
    channels = {each.channel: each for each in told.channels}
    assert channels["email"] == Access("email", 1, 1, {"promotional": 1})
    assert channels["push"] == Access("push", 1, 0, {"promotional": 0})
    assert channels["sms"] == Access("sms", 0, 0, {"promotional": 0})


def test_earlier_weeks_are_what_they_were_then(store: Store) -> None:
    """Fourteen days ago cyd had just bought, and ada still counted; nobody knew of this week."""
    weeks = inspect(store, PROGRAM, "active", NOW, weeks=2).weeks

    assert [(each.members, each.came, each.went) for each in weeks] == [
        (2, None, None),  # ada, cyd
        (1, 0, 1),  # cyd
        (2, 2, 1),  # ada, bob
    ]


def test_what_is_computed_is_as_it_was_then(store: Store) -> None:
    weeks = inspect(store, PROGRAM, "regular", NOW, weeks=2).weeks

    assert [each.members for each in weeks] == [1, 2, 3]
    assert sorted(store.memberships.then(PROGRAM, "regular", NOW - 14 * DAY)) == ["dan"]


def test_a_segment_of_nobody_is_told_of_as_well(store: Store) -> None:
    told = inspect(store, PROGRAM, "empty", NOW)

    assert told.size == 0
    assert {each.reachable for each in told.channels} == {0}


def test_the_command_shows_it_calmly_and_as_json(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'people.db'}"
    store = open_store(address)
    fill(store)
    deploy_folder(store, Folder(FILES, ()), NOW)
    store.close()
    shown = CliRunner().invoke(wayline, ["segment", "inspect", "gold", "--store", address])
    data = CliRunner().invoke(wayline, ["segment", "inspect", "gold", "--store", address, "--json"])
    wrong = CliRunner().invoke(wayline, ["segment", "inspect", "golt", "--store", address])
    rebuilt = CliRunner().invoke(wayline, ["segment", "rebuild", "gold", "--store", address])

    assert shown.exit_code == 0, shown.output
    assert "2 of 5 people  40%" in shown.output
    assert "dan" not in shown.output
    assert json.loads(data.output)["size"] == 2
    assert wrong.exit_code == 1
    assert 'Did you mean "gold"?' in wrong.output
    assert rebuilt.output.split() == ["gold", "2", "nobody", "watches", "it"]
