"""Somebody outside is told what happens, by a daemon that is killed in the middle of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import standardwebhooks

from .conftest import Daemon, Launch, until

pytestmark = pytest.mark.slow


class Listener:
    """A server on this machine that takes webhooks, or answers as ``status`` says."""

    def __init__(self) -> None:
        self.status = 503
        self.got: list[tuple[dict[str, str], bytes]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                listener.got.append((headers, body))
                self.send_response(listener.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any, **__: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def _signs_up(daemon: Daemon, person: str) -> None:
    calls = [
        {"type": "identify", "userId": person, "traits": {"email": f"{person}@example.com"}},
        {
            "type": "track",
            "userId": person,
            "event": "consent_granted",
            "properties": {"category": "promotional", "method": "form"},
        },
    ]
    status, said = daemon.post("/v1/batch", {"batch": calls})
    assert status == 200, said


def test_what_happens_reaches_others_though_the_daemon_is_killed(
    launch: Launch, listener: Listener
) -> None:
    toml = 'webhooks_inside = ["127.0.0.1"]\n'
    daemon = launch(changes={"wayline.toml": toml})
    daemon.start("--dev", str(daemon.project))
    wanted = {"url": listener.address, "events": ["consent.*", "person.erased"]}
    status, said = daemon.post("/v1/webhooks", wanted)
    assert status == 201, said
    made = json.loads(said)
    _signs_up(daemon, "ada")
    _signs_up(daemon, "bob")
    until(lambda: len(listener.got) >= 1, "somebody is told")
    daemon.kill()
    listener.status = 204
    daemon.start("--dev", str(daemon.project))
    until(lambda: len(_taken(listener)) == 2, "both are told of")
    status, _ = daemon._request("DELETE", "/v1/people/ada", None)
    assert status == 200
    until(lambda: len(_taken(listener)) == 3, "the erasure is told of")

    assert daemon.stop() == 0
    told = [(each["type"], each["data"]["person"]) for each in _taken(listener).values()]
    assert sorted(told) == [
        ("consent.granted", "ada"),
        ("consent.granted", "bob"),
        ("person.erased", "ada"),
    ]
    reader = standardwebhooks.Webhook(made["secret"])
    for headers, body in listener.got:
        assert reader.verify(body, headers)
    assert made["secret"] not in daemon.errors


def _taken(listener: Listener) -> dict[str, Any]:
    """What was told, by its names: what is told twice has one."""
    return {headers["webhook-id"]: json.loads(body) for headers, body in listener.got}


def test_nobody_inside_is_reached_where_no_operator_allows_it(
    launch: Launch, listener: Listener
) -> None:
    daemon = launch()
    daemon.start("--dev", str(daemon.project))
    port = listener.server.server_address[1]
    for host in ("127.0.0.1", "[::1]", "2130706433", "[::ffff:127.0.0.1]"):
        status, said = daemon.post(
            "/v1/webhooks", {"url": f"https://{host}:{port}/", "events": ["*"]}
        )
        assert (status, "cannot be used" in said) == (400, True)
    name = {"url": f"https://localhost:{port}/", "events": ["*"]}
    made = json.loads(daemon.post("/v1/webhooks", name)[1])
    status, said = daemon.post(f"/v1/webhooks/{made['id']}/trial", {})

    assert status == 200
    assert json.loads(said)["taken"] is False
    assert "lies inside" in json.loads(said)["reason"]
    assert listener.got == []
    assert daemon.stop() == 0
