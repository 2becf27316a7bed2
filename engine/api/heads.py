"""Requests whose head never ends: given up, or each would hold a connection for as long as it likes.

A body has a patience of its own (``engine/api/body.py``), and so has a connection that is idle between
two requests; what lies between is here.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["PATIENCE", "Hurried"]

PATIENCE: Final = 10.0
"""Seconds for the head of a request, from its first byte or from the connection on."""

_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Hurried(H11Protocol):
    """The protocol of the server, with an end to waiting."""

    patience = PATIENCE

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._waiting: asyncio.TimerHandle | None = None
        self._begun = False  # whoever has said nothing at all is told nothing

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waiting = self.loop.call_later(self.patience, self._give_up)

    def data_received(self, data: bytes) -> None:
        self._begun = True
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._waiting is None and not self.transport.is_closing():
                self._waiting = self.loop.call_later(self.patience, self._give_up)
        elif self._waiting is not None:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            if self._begun:
                self.transport.write(_TOO_LATE)
            self.transport.close()
