"""An editor without a window: speaks the protocol with the real server, for tests and measurements."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Self

__all__ = ["Client", "Refusal"]

_WAIT = 60.0


class Refusal(Exception):
    """The server answered with an error."""


class Client:
    """One editor with one folder open. Leaves politely at the end of ``with``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown: dict[str, list[dict[str, Any]]] = {}  # findings by file
        self.messages: list[str] = []
        self._versions: dict[str, int] = {}
        self._next = 0
        self._came: Queue[dict[str, Any] | None] = Queue()
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [str(Path(sys.executable).with_name("wayline")), "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        capabilities = {
            "general": {"positionEncodings": ["utf-16"]},
            "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
        }
        folder = {"uri": self.folder.as_uri(), "name": self.folder.name}
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": capabilities,
            },
        )
        self.tell("initialized", {})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.ask("shutdown", None)
                self.tell("exit", None)
                self._process.wait(_WAIT)
        finally:
            self._process.kill()
            self._process.wait(_WAIT)
            self._reader.join(_WAIT)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def uri(self, path: str) -> str:
        """The address of a file of the folder."""
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str | None = None) -> str:
        """Opens a file, as it is on the disk or with this text. What it says."""
        if text is None:
            text = (self.folder / path).read_text(encoding="utf-8")
        self._versions[path] = 1
        item = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return text

    def change(self, path: str, text: str) -> None:
        """Somebody typed."""
        self._versions[path] += 1
        self.tell(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri(path), "version": self._versions[path]},
                "contentChanges": [{"text": text}],
            },
        )

    def close(self, path: str) -> None:
        """Closes a file."""
        self.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def ask_at(self, what: str, path: str, line: int, character: int, **more: Any) -> Any:
        """Asks about a place of a file; lines and units of UTF-16 count from 0."""
        return self.ask(
            f"textDocument/{what}",
            {
                "textDocument": {"uri": self.uri(path)},
                "position": {"line": line, "character": character},
                **more,
            },
        )

    def ask(self, method: str, params: Any) -> Any:
        """The server's answer. Raises ``Refusal`` if that is an error."""
        self._next += 1
        number = self._next
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._receive(_WAIT)
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise Refusal(message["error"]["message"])
                return message.get("result")
            self._take(message)

    def tell(self, method: str, params: Any) -> None:
        """Says something that is not answered."""
        self._send({"method": method, "params": params})

    def until_shown(
        self, path: str, enough: Callable[[list[dict[str, Any]]], bool], wait: float = _WAIT
    ) -> list[dict[str, Any]]:
        """What is shown of a file, once that is what is waited for; ``TimeoutError`` if never."""
        uri = self.uri(path)
        while uri not in self.shown or not enough(self.shown[uri]):
            try:
                self._take(self._receive(wait))
            except Empty:
                raise TimeoutError(f"{path}: {self.shown.get(uri)}") from None
        return self.shown[uri]

    def codes(self, path: str) -> list[str]:
        """The codes of what is shown of a file now."""
        return [one["code"] for one in self.shown.get(self.uri(path), [])]

    def _take(self, message: Mapping[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.shown[params["uri"]] = params["diagnostics"]
        elif message.get("method") == "window/showMessage":
            self.messages.append(message["params"]["message"])
        elif "id" in message and "method" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self, wait: float) -> dict[str, Any]:
        message = self._came.get(timeout=wait)
        if message is None:
            raise EOFError("The server has gone.")
        return message

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
                while stream.readline().strip():
                    pass
                self._came.put(json.loads(stream.read(length)))
        self._came.put(None)
