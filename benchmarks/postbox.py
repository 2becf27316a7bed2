"""A mail server that takes every message at once and notes when, and for whom: nothing else, so
that what is measured in front of it is not its own slowness.

Each line of its notes is a recipient and the nanoseconds of the machine's monotonic clock, which
all processes of a machine share.

    python -m benchmarks.postbox FILE
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

_END = b"\r\n.\r\n"


class _Dialogue(asyncio.Protocol):
    """One connection, as little SMTP as there is."""

    def __init__(self, note: Callable[[bytes], None]) -> None:
        self._note = note
        self._transport: asyncio.WriteTransport | None = None
        self._heard = b""
        self._to = b""
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(b"220 postbox\r\n")

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._heard += data
        while True:
            said, found, rest = self._heard.partition(_END if self._in_message else b"\r\n")
            if not found:
                return
            self._heard = rest
            self._transport.write(self._answer(said))

    def _answer(self, said: bytes) -> bytes:
        if self._in_message:
            self._in_message = False
            self._note(self._to)
            return b"250 taken\r\n"
        match said[:4].upper():
            case b"EHLO":
                return b"250-postbox\r\n250 8BITMIME\r\n"
            case b"RCPT":
                self._to = said.partition(b"<")[2].partition(b">")[0]
                return b"250 ok\r\n"
            case b"DATA":
                self._in_message = True
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 bye\r\n"
            case _:
                return b"250 ok\r\n"


async def _serve(notes: Path) -> None:
    with notes.open("ab", buffering=0) as file:

        def note(recipient: bytes) -> None:
            file.write(b"%s %d\n" % (recipient, time.monotonic_ns()))

        server = await asyncio.get_running_loop().create_server(
            lambda: _Dialogue(note), "127.0.0.1", 0, backlog=256
        )
        port = server.sockets[0].getsockname()[1]
        sys.stdout.write(f"listening on http://127.0.0.1:{port}\n")
        sys.stdout.flush()
        await server.serve_forever()


def main() -> None:
    """Serves until it is stopped."""
    asyncio.run(_serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
