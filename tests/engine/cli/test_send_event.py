"""Sending events from the command line, to a small server that remembers what it was told."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli.send_event import send_event
from engine.config import OperatorError


class Ear:
    """What was heard, and what is answered."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.answer: dict[str, Any] = {}
        self.url = ""

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [call for body in self.heard for call in body["batch"]]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            ear.heard.append(body)
            ear.keys.append(self.headers["authorization"])
            taken = {"accepted": len(body["batch"]), "repeated": 0, "rejected": []}
            default = taken if ear.status == 200 else {}
            self.send_response(ear.status)
            self.end_headers()
            self.wfile.write(json.dumps({**default, **ear.answer}).encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        ear.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield ear
        server.shutdown()
        thread.join()


def send(ear: Ear, *arguments: str) -> Result:
    options = [*arguments, "--url", ear.url]
    return CliRunner().invoke(send_event, options, catch_exceptions=False)


def test_an_event_with_its_properties(ear: Ear) -> None:
    result = send(
        ear, "Order Completed", "--user", "ada", "-p", "total=19.90", "-p", "order_id=o-1",
        "-p", "gift=true", "--id", "m-1", "--time", "2026-03-01T09:00:00Z",
    )  # fmt: skip

    assert (result.exit_code, result.output) == (0, "1 accepted, 0 refused.\n")
    assert ear.calls == [
        {
            "type": "track",
            "userId": "ada",
            "event": "Order Completed",
            "properties": {"total": 19.9, "order_id": "o-1", "gift": True},
            "timestamp": "2026-03-01T09:00:00Z",
            "messageId": "m-1",
        }
    ]


def test_what_is_known_goes_before_what_happened(ear: Ear) -> None:
    send(ear, "Signed Up", "--user", "ada", "-t", "email=ada@example.com")

    assert [call["type"] for call in ear.calls] == ["identify", "track"]
    assert ear.calls[0]["traits"] == {"email": "ada@example.com"}
    assert len({call["messageId"] for call in ear.calls}) == 2


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_goes_in_batches(ear: Ear, tmp_path: Path, packed: bool) -> None:
    lines = [
        {"type": "track", "event": "X", "userId": "u", "messageId": f"m-{n}"} for n in range(250)
    ]
    data = "\n\n".join(map(json.dumps, lines)).encode()
    path = tmp_path / ("events.jsonl.gz" if packed else "events.jsonl")
    path.write_bytes(gzip.compress(data) if packed else data)
    result = send(ear, "--from", str(path), "--json")

    assert json.loads(result.output) == {"accepted": 250, "repeated": 0, "rejected": []}
    assert [len(body["batch"]) for body in ear.heard] == [100, 100, 50]
    assert ear.calls == lines


def test_a_refused_event_is_said_and_has_code_1(ear: Ear) -> None:
    refused = {"index": 0, "messageId": "m", "error": "The tracking plan has no such event."}
    ear.status, ear.answer = 400, {"accepted": 0, "rejected": [refused]}
    result = send(ear, "X", "--user", "ada")

    assert result.exit_code == 1
    assert (
        result.output == "refused: The tracking plan has no such event.\n0 accepted, 1 refused.\n"
    )


def test_the_key_is_the_name_of_basic_authentication(ear: Ear) -> None:
    send(ear, "X", "--user", "ada", "--key", "k")

    assert ear.keys == ["Basic azo="]


def test_an_answer_that_is_no_answer_is_said(ear: Ear) -> None:
    ear.status, ear.answer = 401, {"detail": "Give the write key."}

    with pytest.raises(OperatorError, match="401: Give the write key"):
        send(ear, "X", "--user", "ada", "--url", ear.url)


def test_a_broken_line_is_named(ear: Ear, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"type": "track"}\nnonsense\n')
    result = send(ear, "--from", str(path))

    assert result.exit_code == 2
    assert "line 2: this is not JSON" in result.output
    assert ear.heard == []
