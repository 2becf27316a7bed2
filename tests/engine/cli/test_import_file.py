"""A file brought in from the command line."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.calendar import Instant
from dsl.project import read_folder
from engine.cli.import_file import import_file
from engine.deploy import deploy_folder
from engine.operator import OperatorError
from engine.store import open_store
from tests.engine.importing.grounds import FILES, table

HEAD = "Customer ID;First Name;E-mail;Tier;Visits;Note"
ROWS = ("ada;Ada;ada@shop.example;gold;3;", "bob;Bob;;bronze;1;x", "cy;Cy;;;;")
NOW: Instant = 1_777_636_800_000_000


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The address of a store in which the shop is deployed."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    opened = open_store(url)
    deploy_folder(opened, read_folder(folder), NOW)
    opened.close()
    return url


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(import_file, [str(each) for each in arguments])


def test_it_says_what_came_of_it_and_leaves_with_1_if_lines_were_refused(
    store: str, tmp_path: Path
) -> None:
    path = table(tmp_path / "people.csv", HEAD, *ROWS)
    result = run(path, "--what", "people", "--store", store)

    assert result.exit_code == 1
    beside = tmp_path / "people.csv.rejected.ndjson"
    assert result.stdout.splitlines() == [
        "people.csv: 3 lines",
        "  2  about 2 people who are new",
        "  1  refused",
        '     1: "Tier" should be one of silver / gold, but is "bronze". (line 3)',
        f"The refused lines are in {beside}.",
        "This column means nothing here: Note.",
    ]
    assert json.loads(beside.read_text(encoding="utf-8"))["line"] == 3


def test_a_second_time_there_is_nothing_to_do(store: str, tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", HEAD, ROWS[0])
    first = run(path, "--what", "people", "--store", store, "--json")
    second = run(path, "--what", "people", "--store", store)
    third = run(path, "--what", "people", "--store", store, "--again", "--json")

    assert (first.exit_code, json.loads(first.stdout)["people_new"]) == (0, 1)
    assert (second.exit_code, second.stdout) == (0, "")
    assert "people.csv was brought in before, all of its 1 line." in second.stderr
    assert json.loads(third.stdout)["repeated"] == 1


def test_a_dry_run_changes_nothing(store: str, tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", HEAD, *ROWS)
    result = run(path, "--what", "people", "--store", store, "--dry-run")

    assert result.stdout.splitlines()[1:3] == ["  2  would be taken", "  1  refused"]
    assert result.stdout.splitlines()[-1] == "Nothing was brought in."
    assert not (tmp_path / "people.csv.rejected.ndjson").exists()
    opened = open_store(store)
    assert opened.people(["ada"], []) == {}
    opened.close()


def test_columns_are_named_one_by_one_or_in_a_file(store: str, tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", "Kunde;Stufe", "ada;gold")
    named = table(tmp_path / "columns.txt", "# ours", "", "Kunde = user_id")
    given = ("--map", named, "--map", "Stufe=tier")
    result = run(path, "--what", "people", "--store", store, *given)

    assert result.exit_code == 0
    opened = open_store(store)
    assert opened.people(["ada"], [])["ada"].profile.attributes == {"tier": "gold"}
    opened.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "What are the lines of people.csv? Say --what people"),
        (("--what", "people", "--zone", "Berlin"), 'There is no time zone "Berlin"'),
        (("--what", "people", "--map", "x"), '"x" is neither COLUMN=NAME nor a file'),
        (("--what", "people", "--map", "Tear=tier"), 'no column "Tear" in this file. Did you'),
        (("--what", "events", "--event", "purchased"), 'has no event "purchased". Did you mean'),
        (("--what", "people", "--delimiter", "--"), "A delimiter is one sign"),
        (("--what", "people", "--encoding", "utf-9"), 'There is no encoding "utf-9"'),
    ],
)
def test_what_an_operator_gets_wrong(
    store: str, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    path = table(tmp_path / "people.csv", HEAD, *ROWS)
    result = run(path, "--store", store, *arguments)

    assert isinstance(result.exception, OperatorError)
    assert words in str(result.exception)


def test_a_project_must_run(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_store(url).close()
    result = run(table(tmp_path / "p.csv", HEAD), "--what", "people", "--store", url)

    assert "wayline deploy FOLDER says what people and events are" in str(result.exception)


def test_a_process_that_is_killed_goes_on_where_it_was(store: str, tmp_path: Path) -> None:
    """Whatever the moment: in a commit, more often than not."""
    rows = (f"p{n % 300},o{n},2024-01-01T00:00:00Z" for n in range(3_000))
    path = table(tmp_path / "orders.csv", "customer_id,order_id,time", *rows)
    arguments = ["import", str(path), "--what", "events", "--event", "purchase", "--store", store]
    main = (
        "import engine.importing.importer as i; i.LINES = 100; from engine.cli import main; main()"
    )
    wal = tmp_path / "wayline.db-wal"
    sizes, killed = random.Random(3), 0
    for _ in range(2):
        limit = sizes.randrange(60_000, 600_000)
        with subprocess.Popen([sys.executable, "-c", main, *arguments]) as worker:
            while worker.poll() is None and not (wal.exists() and wal.stat().st_size > limit):
                time.sleep(0.001)
            if worker.poll() is None:
                os.kill(worker.pid, signal.SIGKILL)
                killed += 1
    assert run(*arguments[1:]).exit_code == 0

    opened = open_store(store)
    (told,) = map(json.loads, opened.imports.marks().values())
    with opened.batch() as batch:
        past = batch.history([f"p{n}" for n in range(300)], ["purchase"])
    opened.close()
    assert killed
    assert (told["lines"], told["repeated"], told["refused"], told["done"]) == (3_000, 0, 0, True)
    assert told["written"] + told["waiting"] == 3_000
    orders = [each.properties["order_id"] for found in past.values() for each in found["purchase"]]
    assert len(orders) == len(set(orders)) == 3_000
