"""Hears from other processes that there is something to do, on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg

__all__ = ["Listener"]

_LISTENS_FOR = 0.5  # seconds, and then looks whether it should end
_PAUSE = 1.0


class Listener:
    """A thread that calls ``told``. What it misses while the server is away is found by looking."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[tuple[Any, ...]]], told: Callable[[], None]
    ) -> None:
        self._connect = connect
        self._told = told
        self._over = Event()
        self._thread = Thread(target=self._live, name="wayline-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hears nothing more."""
        self._over.set()
        self._thread.join()

    def _live(self) -> None:
        while not self._over.is_set():
            try:
                with self._connect() as driver:
                    driver.execute("listen wayline")
                    self._told()
                    while not self._over.is_set():
                        if list(driver.notifies(timeout=_LISTENS_FOR, stop_after=1)):
                            self._told()
            except psycopg.Error:
                self._over.wait(_PAUSE)
