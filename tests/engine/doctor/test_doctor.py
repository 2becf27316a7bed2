"""The whole examination, of a machine set up well and set up badly."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from dsl.calendar import DAY, HOUR, MINUTE
from dsl.project import Folder
from engine.access.keys import Wanted, made, rotate
from engine.cli.doctor import doctor
from engine.clock import SystemClock
from engine.core.bars import Bar
from engine.core.gates import Gate
from engine.core.signals import ProfileChanged
from engine.deploy import deploy_folder
from engine.doctor import machine
from engine.store import open_store
from tests.engine.daemon.conftest import free_port
from tests.engine.daemon.post_office import PostOffice
from tests.engine.scene import SHOP, journey

NOW = SystemClock().now()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, and no settings from outside."""
    for name in list(os.environ):
        if name.startswith("WAYLINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WAYLINE_LISTEN_PORT", str(free_port()))  # nobody else's daemon answers
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def office() -> Iterator[PostOffice]:
    made = PostOffice(free_port())
    made.open()
    yield made
    made.close()


def deployed(place: Path, policy: str = "") -> str:
    """A store with a project that sends e-mail; its URL."""
    url = f"sqlite:///{place / 'wayline.db'}"
    sends = journey("  - {id: greeting, send: hello, to: email}")
    with closing(open_store(url)) as store:
        files = {**SHOP, "journeys/welcome.yaml": sends}
        files["policy.yaml"] += policy
        compiled = deploy_folder(store, Folder(files, ()), NOW)
    assert compiled.project is not None
    return url


def settings(place: Path, **more: str) -> None:
    lines = [f"{key} = {value}" for key, value in more.items()]
    (place / "wayline.toml").write_text("\n".join([*lines, ""]))


def run(*options: str) -> Result:
    return CliRunner().invoke(doctor, list(options), catch_exceptions=False)


def found(*options: str) -> dict[str, str]:
    """What each finding says, with its level."""
    result = run("--json", *options)
    findings = json.loads(result.stdout)
    assert result.exit_code == int(any(each["level"] == "problem" for each in findings))
    assert all(each["fix"] for each in findings if each["level"] != "ok")
    return {each["says"]: each["level"] for each in findings}


def level(findings: Mapping[str, str], words: str) -> str:
    """The level of the one finding with these words."""
    (one,) = [value for says, value in findings.items() if words in says]
    return one


def test_nothing_there_yet_is_told_with_the_first_step(place: Path) -> None:
    result = run()

    assert result.exit_code == 1
    assert "problem  There is no store wayline.db yet." in result.output
    assert "wayline serve --dev" in result.output
    assert not list(place.iterdir())
    assert all(len(line) <= 80 for line in result.output.splitlines() if str(place) not in line)


def test_a_project_whose_channel_has_no_adapter(place: Path) -> None:
    findings = found("--store", deployed(place))

    assert level(findings, "1 of 1 journeys are live") == "ok"
    assert level(findings, "No adapter is set for the channel") == "problem"
    assert level(findings, "Nobody can unsubscribe") == "problem"
    assert level(findings, "can send events: there is no key") == "note"
    assert level(findings, "No daemon answers") == "note"


def test_keys_that_let_nobody_in_and_such_as_end_soon(place: Path) -> None:
    url = deployed(place)
    now = SystemClock().now()
    with closing(open_store(url)) as store:
        made(store.keys, Wanted("old", expires=now - 1), now - DAY)
        assert level(found("--store", url), "Nobody can send events") == "problem"
        made(store.keys, Wanted("shop", expires=now + 3 * DAY), now - 20 * DAY)
    findings = found("--store", url)

    assert level(findings, "Events are taken from those who have a key") == "ok"
    assert level(findings, "The key shop ends on") == "note"
    with closing(open_store(url)) as store:
        rotate(store.keys, "shop", now, now + DAY)
    assert not [says for says in found("--store", url) if "The key shop ends" in says]


def test_links_that_lead_by_way_of_a_machine_that_nobody_reaches(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = deployed(place, "links: {measure: clicks}\n")
    words = "No link of a message leads to the shop"

    assert level(found("--store", url), words) == "problem"
    monkeypatch.setenv("WAYLINE_PUBLIC_URL", "https://journeys.shop.example")
    assert not [says for says in found("--store", url) if words in says]


def test_what_stays_of_people_who_are_forgotten_needs_a_key_outside_the_store(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = deployed(place)
    assert level(found("--store", url), "there is no key outside it") == "note"
    monkeypatch.setenv("WAYLINE_SUPPRESSION_KEYS", "a-key-that-nobody-can-guess")
    with closing(open_store(url)) as store:
        store.bars.under([b"an-earlier-key-of-the-house"])
        store.bars.tell([(("email", "gone@example.com"), Bar(5))])

    findings = found("--store", url)

    assert level(findings, "a key that is not given any more") == "problem"
    assert level(findings, "under a key that is not in the store") == "ok"


def test_a_web_service_whose_secret_is_not_set(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = "webhooks:\n  crm: {address: https://crm.example.com, secret: CRM_TOKEN}\n"
    url = deployed(place, services)
    assert level(found("--store", url), "needs the secret CRM_TOKEN, which is not set") == "problem"

    monkeypatch.setenv("WAYLINE_SECRETS_CRM_TOKEN", "hush")

    assert level(found("--store", url), "The web service has what is needed") == "ok"


def test_a_mail_server_that_lets_us_in(place: Path, office: PostOffice) -> None:
    settings(
        place,
        public_url='"https://journeys.shop.example"',
        write_keys='{ env = "KEYS" }',
        **_smtp(office.port),
    )
    os.environ["KEYS"] = "secret-1"
    try:
        findings = found("--store", deployed(place), "--thorough")
    finally:
        del os.environ["KEYS"]

    assert level(findings, "email (smtp): nothing stands in the way") == "ok"
    assert level(findings, "Links in messages lead to https://journeys") == "ok"
    assert level(findings, "those who have a key") == "ok"
    assert level(findings, "Every page of it is whole") == "ok"
    assert office.letters == []


def test_a_mail_server_that_is_not_there(place: Path) -> None:
    settings(place, **_smtp(1))

    findings = found("--store", deployed(place))

    assert level(findings, "127.0.0.1:1 did not let us in") == "problem"


def test_links_in_plain_http_keep_nobody_from_being_told(place: Path, office: PostOffice) -> None:
    settings(place, public_url='"http://journeys.shop.example"', **_smtp(office.port))

    assert level(found("--store", deployed(place)), "begin with http://") == "problem"


def test_an_adapter_that_is_left_alone(place: Path) -> None:
    with closing(open_store(deployed(place))) as store:
        gate = Gate(shut=NOW + MINUTE, failures=9, since=NOW, why="421 too busy")
        store.gates.turn(["email/smtp/rest"], lambda _: {"email/smtp/rest": gate})
    says = "email/smtp is left alone since it failed 9 times in a row: 421 too busy."

    assert found()[says] == "problem"


def test_people_who_wait_with_nobody_to_move_them(place: Path) -> None:
    url = deployed(place)
    with closing(open_store(url)) as store:
        store.append([ProfileChanged("m1", "ada", NOW - 3 * HOUR, 0, {}, {})])

    assert level(found("--store", url), "people have been waiting for 3 hours") == "problem"


def test_a_damaged_file_is_found_when_all_of_it_is_read(place: Path) -> None:
    url = deployed(place)
    path = place / "wayline.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        (page,) = db.execute(
            "select rootpage from sqlite_master where name = 'log_events'"
        ).fetchone()
        (size,) = db.execute("pragma page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)

    assert level(found("--store", url, "--thorough"), "The file is damaged") == "problem"


def test_a_store_that_is_somebody_elses(place: Path) -> None:
    with closing(sqlite3.connect(place / "other.db")) as db:
        db.execute("create table other (x)")

    findings = found("--store", f"sqlite:///{place / 'other.db'}")

    assert level(findings, "is the database of another program") == "problem"


def test_a_file_that_others_can_read(place: Path) -> None:
    """A store of ours is its owner's only, from the beginning."""
    url = deployed(place)
    assert (place / "wayline.db").stat().st_mode & 0o077 == 0
    (place / "wayline.db").chmod(0o644)

    assert level(found("--store", url), "Others on this machine can read") == "note"


class Usage(NamedTuple):
    free: int


def test_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(free: int) -> str:
        monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(free))
        (finding,) = machine.room(Path())
        return finding.level

    assert [usage(free) for free in (50 << 20, 500 << 20, 50 << 30)] == ["problem", "note", "ok"]


def _smtp(port: int) -> dict[str, str]:
    values = {"adapter": "smtp", "host": "127.0.0.1", "encryption": "none"}
    written = ", ".join(f'{key} = "{value}"' for key, value in values.items())
    return {"channels.email": f'{{ {written}, port = {port}, from = "Shop <news@shop.example>" }}'}
