"""Every bad guest at a daemon that really runs: each is told why, counted, and nobody else is harmed.

What of each is hard is tried where it belongs: `tests/engine/api/test_bad_guests.py`, `test_keys`,
`v1/test_guests`, `tests/channels/http/test_guarded.py`. Here is the list, line by line.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from benchmarks.serving import listening, wayline
from dsl.project import Folder
from engine.access.keys import Wanted, made
from engine.clock import SystemClock
from engine.core.keys import Scope
from engine.deploy import deploy_folder
from engine.store import open_store
from tests.engine.scene import SHOP, journey

JOURNEY = journey("  - {id: hi, send: named, to: push}\n")
SQL = "'; drop table people; --"
TEMPLATE = "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}"
FORMULA = '=HYPERLINK("https://evil.example";"prize")'
ADDRESSES = (
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[64:ff9b::7f00:1]/",
    "http://crm.example/",
)


class Said(NamedTuple):
    """An answer."""

    status: int
    detail: str
    body: Any


class House:
    """A daemon with guests."""

    def __init__(self, port: int, keys: Mapping[str, str]) -> None:
        self.port = port
        self.keys = keys

    def ask(
        self, method: str, path: str, body: Any = None, key: str = "ingest", **headers: str
    ) -> Said:
        """One request, by one of the keys."""
        given = {"content-type": "application/json", **headers}
        text = self.keys.get(key, key)
        if text:
            given["authorization"] = "Basic " + b64encode(f"{text}:".encode()).decode()
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request(method, path, content, given)
            answer = line.getresponse()
            said = answer.read()
        found: Any = json.loads(said) if said[:1] in (b"{", b"[") else said.decode()
        if answer.status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        return Said(answer.status, found["detail"] if answer.status >= 400 else "", found)

    def counted(self) -> dict[str, float]:
        """What Prometheus is told."""
        text = self.ask("GET", "/metrics").body
        pairs = re.findall(r"^(\w+(?:\{.*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)
        return {name.removeprefix("wayline_"): float(value) for name, value in pairs}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    store = f"sqlite:///{folder / 'wayline.db'}"
    now = SystemClock().now()
    with closing(open_store(store)) as opened:
        deploy_folder(opened, Folder({**SHOP, "journeys/0.yaml": JOURNEY}, ()), now)
        wanted = {
            "ingest": Wanted("ingest", scopes=[Scope.INGEST]),
            "read": Wanted("read", scopes=[Scope.READ]),
            "admin": Wanted("admin", scopes=[Scope.ADMIN]),
            "old": Wanted("old", scopes=[Scope.READ], expires=now - 1),
            "few": Wanted("few", scopes=[Scope.INGEST], rate=1),
            "page": Wanted("page", "browser", sites=("https://shop.example",)),
        }
        keys = {name: made(opened.keys, each, now - 10) for name, each in wanted.items()}
    environment = {
        "WAYLINE_CHANNELS_PUSH_ADAPTER": "file",
        "WAYLINE_CHANNELS_EMAIL_ADAPTER": "file",
        "WAYLINE_CHANNELS_SMS_ADAPTER": "file",
    }
    with listening(
        wayline("serve", "--store", store, "--port", "0"), folder, environment
    ) as server:
        house = House(server.port, keys)
        for name in ("ada", "bob"):
            event = {"userId": name, "event": "viewed", "properties": {"product": "tea"}}
            traits = {"first_name": name.title(), "email": f"{name}@example.com"}
            house.ask("POST", "/v1/identify", {"userId": name, "traits": traits})
            for _ in range(2):
                house.ask("POST", "/v1/track", event)
        yield house


def _guests(house: House) -> Iterator[tuple[Said, int, str, str, float]]:
    """What each is told (a status, and words of a sentence), and by which figure it is counted."""
    ask, people, keys = house.ask, "/v1/people", 'refused_keys_total{why="%s"}'
    bad = 'refused_requests_total{what="%s"}'
    yield ask("GET", people, key=""), 401, "Give the read key", keys % "none", 1
    yield ask("GET", people, key="guessed"), 401, "is not known here", keys % "unknown", 1
    yield ask("GET", people), 403, "This key is for ingest, and this needs", keys % "scope", 1
    yield ask("GET", people, key="old"), 401, "This key was valid until", keys % "expired", 1
    event = {"userId": "ada", "event": "viewed", "properties": {"product": "tea"}}
    page = ask("POST", "/v1/track", event, "page", origin="https://evil.example")
    yield page, 403, "this comes from elsewhere", keys % "site", 1
    bobs = ask("GET", f"{people}/bob/events?limit=1", key="read").body["next"]
    other = ask("GET", f"{people}/ada/events?limit=1&cursor={bobs}", key="read")
    yield other, 400, "The cursor does not belong to this list", bad % "cursor", 1
    nobody = ask("GET", f"{people}/{quote(SQL, safe='')}", key="read")
    route = 'http_requests_total{route="/v1/people/{person}",status="404"}'
    yield nobody, 404, "Nobody of this id has ever been heard of.", route, 1
    for url in ADDRESSES:
        hook = ask("POST", "/v1/webhooks", {"url": url, "events": ["*"]}, "admin")
        yield hook, 400, '"url" cannot be used', bad % "inside", 1
    packed = {"content-encoding": "gzip"}
    bomb = ask("POST", "/v1/batch", gzip.compress(b" " * 50_000_000), **packed)
    yield bomb, 413, "The body is larger than 500 KB.", bad % "bomb", 1
    broken = ask("POST", "/v1/batch", b"\x1f\x8bnothing", **packed)
    yield broken, 400, "The body is not valid gzip", bad % "unreadable", 1
    large = {"userId": "eve", "traits": {"first_name": "e" * 10_000_000}}
    yield ask("POST", "/v1/identify", large), 413, "larger than 32 KB", bad % "large", 1
    names = [{**event, "type": "track", "event": f"Event {n}"} for n in range(2_000)]
    many = ask("POST", "/v1/batch", {"batch": names})
    refused = 'events_total{result="refused"}'
    yield many, 400, "None of the 2000 events was accepted", refused, 2_000
    some = {"batch": [{**event, "type": "track"}] * 200}  # a debt of minutes
    ask("POST", "/v1/batch", some, "few")
    flood = ask("POST", "/v1/track", event, "few")
    yield flood, 429, "More than 1 events a second were sent", bad % "often", 1


def test_each_is_told_why_and_counted_and_nobody_else_is_harmed(house: House) -> None:
    before = house.counted()
    wanted: dict[str, float] = {}
    for said, status, words, figure, count in _guests(house):
        assert (said.status, words in said.detail) == (status, True), said
        wanted[figure] = wanted.get(figure, 0) + count
    after = house.counted()

    assert {name: after[name] - before.get(name, 0) for name in wanted} == wanted
    assert not any("Event " in name for name in after)  # nothing of ours grows with made-up names
    for name in ("ada", "bob"):
        known = house.ask("GET", f"/v1/people/{name}", key="read").body
        assert known["attributes"]["first_name"] == name.title()
    assert house.ask("GET", "/v1/webhooks", key="admin").body["items"] == []
    assert house.ask("GET", "/readyz", key="").status == 200


@pytest.mark.parametrize("text", [SQL, TEMPLATE, FORMULA])
def test_what_is_written_to_be_run_somewhere_is_text(house: House, text: str) -> None:
    """In a database, in a template, in a spreadsheet (of which we write none)."""
    name = f"guest {len(text)}"
    traits = {"first_name": text, "email": "guest@example.com"}
    agreed = {"event": "consent_granted", "properties": {"category": "promotional"}}
    assert house.ask("POST", "/v1/identify", {"userId": name, "traits": traits}).status == 200
    for event in (agreed, {"event": "signed_up"}):
        assert house.ask("POST", "/v1/track", {"userId": name, **event}).status == 200
    path = f"/v1/people/{quote(name)}"
    told = _until(lambda: house.ask("GET", f"{path}/decisions", key="admin").body.get("items"))

    assert told
    assert house.ask("GET", path, key="admin").body["attributes"]["first_name"] == text
    assert house.ask("GET", "/v1/people/ada", key="admin").status == 200


def _until(look: Callable[[], Any]) -> Any:
    """What there is, as soon as the daemon has got there."""
    ended = threading.Event()
    for _ in range(600):
        if found := look():
            return found
        ended.wait(0.05)
    raise AssertionError("the daemon does not get there")
