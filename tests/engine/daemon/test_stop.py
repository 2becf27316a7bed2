"""STOP over HTTP: a real daemon, signed requests as Vonage makes them, and a provider on loopback
that takes what is sent. In between the daemon is killed, and everything is told again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from tests.channels.told import by_vonage

from .conftest import Daemon, Launch, until
from .shop import FILES

NUMBER = "4915112345678"
POLICY = FILES["policy.yaml"].replace(
    "channels:\n", "channels:\n  sms: {reachable when: email is known}\n"
)


class Vonage(ThreadingHTTPServer):
    """Takes every message, and remembers it by the reference it came with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.texts: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Taking(BaseHTTPRequestHandler):
    server: Vonage

    def do_POST(self) -> None:
        said = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.texts.append((said["to"], said["text"]))
        body = orjson.dumps({"message_uuid": said["client_ref"]})
        self.send_response(202)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing to say."""


@pytest.fixture
def vonage() -> Iterator[Vonage]:
    with Vonage() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def writes(daemon: Daemon, text: str, key: str) -> int:
    """Vonage tells the daemon what somebody wrote."""
    told = {"channel": "sms", "message_type": "text", "message_uuid": key, "text": text}
    incoming = by_vonage(told | {"from": NUMBER, "to": "4930123456"}, at=int(time.time()))
    status, _ = daemon.send("/v1/receipts/sms", incoming.body, incoming.headers)
    return status


def test_stop_is_confirmed_once_whoever_dies_and_however_often_it_is_told(
    launch: Launch, vonage: Vonage
) -> None:
    daemon = launch(changes={"policy.yaml": POLICY})
    settings = {
        "ADAPTER": "vonage",
        "API_KEY": "key",
        "API_SECRET": "secret",
        "SENDER": "Shop",
        "SIGNATURE_SECRET": "secret",
        "ADDRESS": vonage.address,
    }
    environment = {f"WAYLINE_CHANNELS_SMS_{name}": value for name, value in settings.items()}
    daemon.start("--dev", str(daemon.project), environment=environment)
    who = {"userId": "ada", "traits": {"email": "ada@example.com", "phone": f"+{NUMBER}"}}
    granted = {"userId": "ada", "event": "consent_granted", "properties": {"category": "*"}}
    calls = [{"type": "identify", "messageId": "i", **who}, {"type": "track", **granted}]
    assert daemon.post("/v1/batch", {"batch": calls})[0] == 200

    until(lambda: _agrees(daemon), "Ada has agreed")
    assert writes(daemon, "Bitte STOPP", "u1") == 200
    assert writes(daemon, "Bitte STOPP", "u1") == 200
    until(lambda: len(vonage.texts) == 1, "the confirmation")
    daemon.kill()
    daemon.start("--dev", str(daemon.project), environment=environment)
    assert writes(daemon, "Bitte STOPP", "u1") == 200
    assert writes(daemon, "stop!", "u2") == 200
    assert writes(daemon, "HELP", "u3") == 200
    until(lambda: len(vonage.texts) >= 2, "the answer to HELP")
    assert daemon.stop() == 0

    assert [to for to, _ in vonage.texts] == [NUMBER, NUMBER]
    assert [text.split(":")[0] for _, text in vonage.texts] == ["shop", "shop"]
    assert "unsubscribed" in vonage.texts[0][1]
    assert "To unsubscribe: STOP" in vonage.texts[1][1]
    assert not _agrees(daemon)


def _agrees(daemon: Daemon) -> bool:
    store = daemon.store()
    try:
        found = store.people(["ada"], ())
        consents = found["ada"].profile.consents if found else {}
        return bool(consents) and max(consents.values(), key=abs) > 0
    finally:
        store.close()
