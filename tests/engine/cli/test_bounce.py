"""Mails that came back, from the pipe of a mail server to the door of a daemon."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli.bounce import bounce

MAIL = b"From: x\r\n\r\n\xff not text\r\n"
SETTINGS = """
[channels.email]
adapter = "smtp"
host = "mail.shop.example"
from = "news@shop.example"
bounce_login = "postfix:secret"
"""


class Door:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None, bytes]] = []
        self.status = 200
        self.url = ""


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            door.heard.append((self.path, self.headers["authorization"], body))
            self.send_response(door.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        door.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield door
        server.shutdown()
        thread.join()


def run(folder: Path, url: str, mail: bytes = MAIL, settings: str = SETTINGS, *more: str) -> Result:
    config = folder / "wayline.toml"
    config.write_text(settings)
    options = ["--url", url, "--config", str(config), *more]
    return CliRunner().invoke(bounce, options, input=mail, catch_exceptions=False)


def test_a_mail_is_passed_on_as_it_is(tmp_path: Path, door: Door) -> None:
    recipient = "b+d1.00@bounces.shop.example"
    result = run(tmp_path, door.url, MAIL, SETTINGS, "--recipient", recipient)

    login = f"Basic {b64encode(b'postfix:secret').decode()}"
    place = "/v1/receipts/email?recipient=b%2Bd1.00%40bounces.shop.example"
    assert (result.exit_code, result.output) == (0, "")
    assert door.heard == [(place, login, MAIL)]


def test_a_mail_that_is_no_report_by_its_size_is_taken_and_left(tmp_path: Path, door: Door) -> None:
    result = run(tmp_path, door.url, b"x" * 3_000_000)

    assert (result.exit_code, door.heard) == (0, [])


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_what_is_not_taken_is_tried_again(tmp_path: Path, door: Door, status: int) -> None:
    """75 is what mail servers keep a mail for."""
    door.status = status
    result = run(tmp_path, door.url)

    assert result.exit_code == 75
    assert f"answered {status}" in result.output


def test_where_no_daemon_is_it_is_tried_again(tmp_path: Path) -> None:
    assert run(tmp_path, "http://127.0.0.1:9/").exit_code == 75


def test_an_operator_is_told_what_is_missing(tmp_path: Path, door: Door) -> None:
    result = run(tmp_path, door.url, settings=SETTINGS.replace("bounce_login", "username"))

    assert result.exit_code == 75
    assert 'No "bounce_login" is set' in result.output


def test_the_adapter_that_stands_in_may_be_the_one(tmp_path: Path, door: Door) -> None:
    behind = SETTINGS.replace("[channels.email]", "[channels.email.otherwise]")
    first = '[channels.email]\nadapter = "file"\nfolder = "out"\n'

    assert run(tmp_path, door.url, settings=first + behind).exit_code == 0
    assert len(door.heard) == 1
