"""What does not fit the tracking plan, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.project import read_folder
from engine.cli.plan_from_events import plan_from_events
from engine.cli.tracking import tracking
from engine.clock import SystemClock
from engine.core.strays import UNKNOWN, UNPLANNED, Oddity, Seen, Stray
from engine.deploy import deploy_folder
from engine.store import open_store
from tests.engine.importing.grounds import FILES

CALL = {
    "type": "track",
    "userId": "ada",
    "event": "Tour Taken",
    "messageId": "1",
    "properties": {"rooms": 3},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def store(tmp_path: Path, folder: Path) -> str:
    """The address of a store to which something was sent that does not fit."""
    url, now = f"sqlite:///{tmp_path / 'wayline.db'}", SystemClock().now()
    opened = open_store(url)
    deploy_folder(opened, read_folder(folder), now)
    odd = {
        Oddity("purchase", "total", "text"): Seen(312, "12,50"),
        Oddity("Tour Taken", "", UNKNOWN): Seen(1),
        Oddity("purchase", "order_id", "missing"): Seen(2),
        Oddity("Order Complete", "", UNKNOWN): Seen(1),
        Oddity("identify", "teir", UNPLANNED): Seen(1),
    }
    stray = Stray("k/1", "ada", "Tour Taken", now, CALL, "k/")
    opened.strays.keep(odd, [stray, stray._replace(id="k/2", event="Other")], now)
    opened.close()
    return url


def run(store: str, *arguments: str) -> Result:
    return CliRunner().invoke(tracking, [*arguments, "--store", store])


def test_it_says_what_came_how_often(store: str) -> None:
    shown = run(store, "show", "--days", "1").stdout.splitlines()

    assert shown[1:] == [
        '  purchase.total     came as text 312 times, such as "12,50". The plan wants an amount in EUR.',
        "  purchase.order_id  was missing 2 times. The plan wants text.",
        '  Order Complete     is not in the plan and came once. Did you mean "Order Completed"?',
        "  Tour Taken         is not in the plan and came once",
        '  identify.teir      is not in the plan and came once. Did you mean "tier"?',
        "2 calls are kept aside. When the plan is mended: wayline tracking retry",
    ]
    told = json.loads(run(store, "show", "--json").stdout)
    assert told["kept"] == 2
    assert told["days"][0]["odd"][0]["times"] == 312


def test_a_mended_plan_takes_what_was_kept(store: str, folder: Path) -> None:
    assert run(store, "retry").stdout == "0 taken, 2 do not fit the plan.\n"
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + "  tour_taken: {from: Tour Taken}\n")
    opened = open_store(store)
    deploy_folder(opened, read_folder(folder), SystemClock().now())
    opened.close()

    assert run(store, "retry", "Tour Taken").stdout == "1 taken, 0 do not fit the plan.\n"
    assert run(store, "retry", "Tour Taken").stdout == "0 taken, 0 do not fit the plan.\n"
    opened = open_store(store)
    with opened.batch() as batch:
        (arrival,) = batch.load(["ada"], SystemClock().now())["ada"].pending
    opened.close()
    assert arrival.id == "k/1"


def test_what_nobody_wants_is_let_go_of(store: str) -> None:
    assert run(store, "drop").exit_code == 2
    assert run(store, "drop", "Other").stdout == "1 let go of.\n"
    assert run(store, "drop", "--all").stdout == "1 let go of.\n"
    assert "kept aside" not in run(store, "show").stdout


def test_a_plan_is_drafted_from_what_is_kept(store: str) -> None:
    drafted = CliRunner().invoke(plan_from_events, ["--from-store", "--store", store])

    assert drafted.exit_code == 0
    assert "tour_taken:" in drafted.stdout
    assert "rooms: whole number" in drafted.stdout
    assert CliRunner().invoke(plan_from_events, []).exit_code == 2
