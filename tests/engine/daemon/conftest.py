"""``wayline serve`` as a process, as an operator starts it, between a real mail server and a real
client. Nothing waits for a fixed time: every wait is for something, and has an end.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from segment.analytics.client import Client

from engine.store import open_store
from engine.store.protocol import Store

from .post_office import PostOffice
from .shop import write_project

PATIENCE = 60.0
HOUSE = Path(__file__).parents[3]


class Daemon:
    """A running ``wayline serve``."""

    def __init__(self, folder: Path, project: Path, office: PostOffice, port: int) -> None:
        self.folder = folder
        self.project = project
        self.office = office
        self.wanted_port = port
        self.port = 0
        self.store_url = f"sqlite:///{folder / 'wayline.db'}"
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    def start(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        """Starts it, and waits until it listens."""
        self._process = self._popen(options, environment)
        self.port = 0
        said = threading.Event()
        self._listener = threading.Thread(target=self._listen, args=(self._process, said))
        self._listener.start()
        assert said.wait(PATIENCE), self.errors
        assert self.port, f"it ended: {self.errors}"

    def run(
        self, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Starts it when it is expected to end by itself."""
        process = self._popen(options, environment)
        out, _ = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out, self.errors)

    def _popen(
        self, options: tuple[str, ...], environment: Mapping[str, str] | None
    ) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from engine.cli import main; main()", "serve"]
        command += ["--store", self.store_url, "--port", str(self.wanted_port), *options]
        settings = {
            "PYTHONPATH": str(HOUSE),
            "WAYLINE_CHANNELS_EMAIL_ADAPTER": "smtp",
            "WAYLINE_CHANNELS_EMAIL_HOST": "127.0.0.1",
            "WAYLINE_CHANNELS_EMAIL_PORT": str(self.office.port),
            "WAYLINE_CHANNELS_EMAIL_ENCRYPTION": "none",
            "WAYLINE_CHANNELS_EMAIL_FROM": "Shop <news@shop.example>",
        }
        with (self.folder / "errors").open("ab") as errors:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **settings, **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def _listen(self, process: subprocess.Popen[str], said: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))
                if found := re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line):
                    self.port = int(found[1])
                    said.set()
        said.set()

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        path = self.folder / "errors"
        return path.read_text() if path.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.terminate()
        return self.wait()

    def end(self) -> None:
        """Whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if self._listener is not None:
            self._listener.join(PATIENCE)
        print(self.errors)  # shown if the test fails

    def get(self, path: str) -> tuple[int, str]:
        return self._request("GET", path, None)

    def post(self, path: str, body: Any) -> tuple[int, str]:
        return self._request("POST", path, orjson.dumps(body))

    def fill_in(self, path: str, **fields: str) -> tuple[int, str]:
        """Sends a form."""
        kind = "application/x-www-form-urlencoded"
        return self._request("POST", path, urlencode(fields).encode(), kind)

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Posts as somebody else does, to the byte."""
        return self._request("POST", path, body, **headers)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None,
        kind: str = "application/json",
        **more: str,
    ) -> tuple[int, str]:
        headers = {"content-type": kind, **more} if body else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def store(self) -> Store:
        """What it keeps. To be closed."""
        return open_store(self.store_url)


Launch = Callable[..., Daemon]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice(free_port())
    office.open()
    yield office
    office.close()


@pytest.fixture
def launch(tmp_path: Path, office: PostOffice) -> Iterator[Launch]:
    """Makes daemons in folders of their own; each is ended at the end."""
    with ExitStack() as stack:

        def launch(
            name: str = "one",
            *,
            changes: Mapping[str, str] | None = None,
            port: int = 0,
            office: PostOffice = office,
        ) -> Daemon:
            folder = tmp_path / name
            folder.mkdir()
            project = write_project(folder / "project", changes)
            daemon = Daemon(folder, project, office, port)
            stack.callback(daemon.end)
            return daemon

        yield launch


@pytest.fixture
def segment() -> Iterator[Callable[[Daemon], Client]]:
    """Segment's own client, pointed at a daemon. What it could not deliver fails the test."""
    clients: list[Client] = []
    errors: list[object] = []

    def segment(daemon: Daemon, **options: Any) -> Client:
        client = Client(
            "a-write-key",
            host=f"http://127.0.0.1:{daemon.port}",
            on_error=lambda error, _items: errors.append(error),
            upload_interval=0.05,
            **options,
        )
        clients.append(client)
        return client

    yield segment
    for client in clients:
        client.shutdown()
    assert errors == []


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert isinstance(port, int)
        return port


def until(true: Callable[[], bool], what: str) -> None:
    """Asks another process again and again; it cannot tell us."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        threading.Event().wait(0.02)
