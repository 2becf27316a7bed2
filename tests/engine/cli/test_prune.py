"""``wayline db prune``, and what the daemon does of it at night."""

from __future__ import annotations

import asyncio
import io
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.calendar import DAY
from dsl.project import Folder
from engine.cli.main import wayline
from engine.clock import SystemClock
from engine.core.decision import Decision
from engine.core.deeds import Deed
from engine.daemon.housekeeping import Housekeeping
from engine.deploy import deploy_folder
from engine.logs import open_log
from engine.metrics import Metrics
from engine.store import open_store
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit, event, process
from tests.engine.scene import SHOP, journey, program_of

KEEP = "keep: {events: 60 days, story: 90 days}\n"
FILES = {
    **SHOP,
    "policy.yaml": SHOP["policy.yaml"] + KEEP,
    "journeys/0.yaml": journey("  - {id: hi, send: hello, to: email}"),
}


def _say(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["db", "prune", "--store", url, *arguments])


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'wayline.db'}"


def _fill(store: Store) -> None:
    now = SystemClock().now()
    for age in (100, 70, 1):
        at = now - age * DAY
        store.append([event(f"e{age}", received=at)])
        process(store, at)
        commit(store, Changes(decisions=[Decision("ada", at, "sent", "x")]))


def test_what_is_kept_long_enough_goes(url: str) -> None:
    with closing(open_store(url)) as store:
        deploy_folder(store, Folder(FILES, ()), 1)
        _fill(store)

    told = [_say(url, "--dry-run"), _say(url, "--dry-run"), _say(url), _say(url)]

    assert [each.output for each in told] == [
        "Would go: 2 arrivals, 1 decisions.\n",
        "Would go: 2 arrivals, 1 decisions.\n",
        "Gone: 2 arrivals, 1 decisions.\n",
        "There is nothing that nobody needs any more.\n",
    ]
    with closing(open_store(url)) as store:
        assert len(store.people(["ada"], ["order"])["ada"].history["order"]) == 1
        assert len(store.decisions("ada")) == 2


def test_nothing_goes_where_the_policy_says_nothing(url: str) -> None:
    with closing(open_store(url)) as store:
        deploy_folder(store, Folder({**FILES, "policy.yaml": SHOP["policy.yaml"]}, ()), 1)
        _fill(store)

    assert _say(url).output == "There is nothing that nobody needs any more.\n"


def test_without_a_project_nobody_knows_what_is_needed(url: str) -> None:
    open_store(url).close()

    told = _say(url)

    assert told.exit_code != 0
    assert "Nothing is deployed" in str(told.exception)


def _never(_what: str, error: BaseException) -> None:
    raise error


def test_the_daemon_does_it_at_night_and_counts_it(url: str) -> None:
    with closing(open_store(url)) as store:
        _fill(store)
        metrics, clock = Metrics(), SystemClock()
        house = Housekeeping(store, clock, metrics, open_log(stream=io.StringIO()), _never)

        asyncio.run(house.keep(program_of(FILES)))
        asyncio.run(house.keep(program_of(FILES)))  # there is another process, within the hour

        assert 'wayline_gone_total{what="arrivals"} 2.0' in metrics.text().decode()
        assert len(store.decisions("ada")) == 2


def test_it_begins_nothing_more_once_it_is_stopped(url: str) -> None:
    with closing(open_store(url)) as store:
        _fill(store)
        house = Housekeeping(
            store, SystemClock(), Metrics(), open_log(stream=io.StringIO()), _never
        )
        house.stop()

        asyncio.run(house.keep(program_of(FILES)))

        assert len(store.decisions("ada")) == 3


def test_the_audit_log_is_kept_for_as_long_as_the_policy_says(url: str) -> None:
    files = {**FILES, "policy.yaml": SHOP["policy.yaml"] + "keep: {audit: 60 days}\n"}
    with closing(open_store(url)) as store:
        clock = SystemClock()
        store.deeds.add([Deed(clock.now() - age * DAY, "x", f"d{age}") for age in (70, 61, 59)])
        house = Housekeeping(store, clock, Metrics(), open_log(stream=io.StringIO()), _never)
        asyncio.run(house.keep(program_of(FILES)))
        kept = len(store.deeds.read())

        asyncio.run(house.keep(program_of(files)))

        assert kept == 3
        assert [deed.what for _, deed in store.deeds.read()] == ["d59"]
