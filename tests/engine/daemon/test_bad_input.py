"""Bad input to a running daemon: a clear answer each time, and not one row more or less."""

from __future__ import annotations

import http.client
import sqlite3
from collections.abc import Callable
from contextlib import closing

import orjson
import pytest

from .conftest import PATIENCE, Daemon, Launch, until
from .shop import FILES

pytestmark = pytest.mark.slow

ORDER = {
    "userId": "ada",
    "event": "Order Completed",
    "properties": {"order_id": "o-1", "total": 20},
}


def rows(daemon: Daemon) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(daemon.folder / "wayline.db")) as db:
        tables = [
            name for (name,) in db.execute("select name from sqlite_master where type='table'")
        ]
        return {
            table: db.execute(f"select count(*) from {table}").fetchone()[0] for table in tables
        }


def settled(daemon: Daemon) -> dict[str, int]:
    """The rows as soon as what a beginning process does by itself is through: the round of a deploy,
    and the look at earlier suppressions. Both note how far they are.
    """
    with closing(sqlite3.connect(daemon.folder / "wayline.db")) as db:
        asked = "select count(*) from meta where name = 'round'"
        until(lambda: db.execute(asked).fetchone() == (0,), "the round of the deploy")
        asked_too = "select value from meta where name = 'recalled'"
        until(lambda: db.execute(asked_too).fetchone() == ("2 0",), "the look at suppressions")
    return rows(daemon)


def track(**change: object) -> bytes:
    return orjson.dumps({**ORDER, **change})


BAD: dict[str, tuple[str, bytes, int, str]] = {
    "not JSON": ("/v1/track", b"hello", 400, "The body is not JSON"),
    "nothing": ("/v1/batch", b"", 400, "The body is empty"),
    "5 MB": ("/v1/batch", b"x" * 5_000_000, 413, "larger than 500 KB"),
    "no user": ("/v1/track", track(userId=None), 400, "has no user"),
    "a reserved name": ("/v1/track", track(event="message_sent"), 400, "is reserved"),
    "an unknown name": ("/v1/track", track(event="Ordr Completed"), 400, "Did you mean"),
    "the year 9999": (
        "/v1/track",
        track(timestamp="9999-12-31T00:00:00Z"),
        400,
        "between the years",
    ),
    "no zone": ("/v1/track", track(timestamp="2026-03-01T09:00:00"), 400, "has no time zone"),
    "a wrong type": (
        "/v1/track",
        track(properties={"order_id": "o", "total": [1]}),
        400,
        "should be an amount in EUR",
    ),
    "10,000 nested lists": (
        "/v1/batch",
        b'{"batch":[' + b"[" * 10_000 + b"]" * 10_000 + b"]}",
        400,
        "nested too deeply",
    ),
    "300 nested lists in an event": (
        "/v1/batch",
        b'{"batch":[{"userId":"ada","context":' + b"[" * 300 + b"]" * 300 + b"}]}",
        400,
        "nested too deeply",
    ),
    "a batch of nonsense": ("/v1/batch", b'{"batch":[1,"x",null,{}]}', 400, "None of the 4 events"),
    "somebody else's link": ("/unsubscribe/d1.0000", b"", 404, "This link is not valid."),
}


def test_bad_requests_change_nothing(launch: Launch) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    before = settled(daemon)
    for name, (path, body, status, said) in BAD.items():
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("POST", path, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            assert (answer.status, name) == (status, name)
            assert said in answer.read().decode(), name

    # Two do not fit the plan: they are told so, and kept aside until it is mended.
    assert rows(daemon) == before | {"strays": 2, "oddities": 2}
    assert daemon.get("/readyz")[0] == 200
    assert daemon.stop() == 0


def in_thanks(old: str, new: str) -> tuple[str, str]:
    return "journeys/thanks.yaml", FILES["journeys/thanks.yaml"].replace(old, new)


def in_messages(old: str, new: str) -> tuple[str, str]:
    return "messages.yaml", FILES["messages.yaml"].replace(old, new)


DEEP = "(" * 10_000 + "first_name is known" + ")" * 10_000

EDITS: dict[str, Callable[[], tuple[str, str]]] = {
    "a broken file": lambda: in_thanks("steps:", "steps: [{"),
    "an unknown name": lambda: in_thanks("event: purchase", "event: purchas"),
    "10,000 nested brackets in a rule": lambda: in_thanks("steps:", f"exit if: {DEEP}\nsteps:"),
    "a template that reads __class__": lambda: in_messages(
        "first_name | default('dear customer')", "first_name.__class__.__mro__"
    ),
    "not text at all": lambda: ("journeys/thanks.yaml", "\x00\x01\x02"),
}


def test_bad_edits_are_explained_and_change_nothing(launch: Launch) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    before = settled(daemon)
    for name, edit in EDITS.items():
        path, text = edit()
        seen = len(daemon.lines)
        (daemon.project / path).write_text(text)
        until(lambda: any("error" in line for line in daemon.lines[seen:]), name)  # noqa: B023
        (daemon.project / path).write_text(FILES[path])
        until(lambda: any("no mistakes" in line for line in daemon.lines[seen:]), name)  # noqa: B023

    assert rows(daemon) == before
    assert "Traceback" not in daemon.errors
    assert daemon.stop() == 0
