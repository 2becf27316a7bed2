"""A web service of the tests: a real HTTP server on this machine that hands out tickets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

__all__ = ["Asked", "HelpDesk"]

PATIENCE = 60.0


class Asked(NamedTuple):
    """One request."""

    key: str
    authorization: str
    body: dict[str, Any]


class HelpDesk:
    """Answers with ``status``. While ``holds`` is set, it keeps its answers to itself."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[Asked] = []
        self.holds = threading.Event()
        self._let_go = threading.Event()
        self._asked = threading.Condition()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = self.headers
                desk._note(
                    Asked(
                        headers["Idempotency-Key"],
                        headers.get("Authorization", ""),
                        json.loads(body),
                    )
                )
                said = json.dumps({"ticket": f"T-{len(desk.requests)}"}).encode()
                self.send_response(desk.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any, **__: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Whoever asked may be gone by now."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/tasks"

    def _note(self, asked: Asked) -> None:
        with self._asked:
            self.requests.append(asked)
            self._asked.notify_all()
        if self.holds.is_set():
            assert self._let_go.wait(PATIENCE)

    def wait_until(self, true: Callable[[], bool]) -> None:
        with self._asked:
            assert self._asked.wait_for(true, PATIENCE), self.requests

    def close(self) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._thread.join(PATIENCE)
        self._server.server_close()
