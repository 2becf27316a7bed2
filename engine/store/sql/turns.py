"""Who may write next. SQLite lets one connection write at a time, and whoever waits for it asks
again and again; a writer that is quick to come back would always win. So writers stand in line.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, get_ident

__all__ = ["Line", "door"]


_ON_ITS_WAY = 0  # no thread has this number: the turn is given, and not yet taken


class Line:
    """A lock for the threads of this process that serves them in the order of their coming."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._inside: int | None = None

    def enter(self) -> None:
        """Waits for the turn. Whoever is inside already must not come again."""
        me = get_ident()
        with self._guard:
            if self._inside is None:
                self._inside = me
                return
            if self._inside == me:
                raise RuntimeError("this thread has a transaction open already")
            ticket = Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        try:
            ticket.acquire()
        except BaseException:  # an interrupt while waiting: the place in the line is given up
            self._give_up(ticket)
            raise
        self._inside = me

    def leave(self) -> None:
        """Lets the next one in."""
        with self._guard:
            if self._waiting:
                self._inside = _ON_ITS_WAY
                self._waiting.popleft().release()
            else:
                self._inside = None

    def _give_up(self, ticket: Lock) -> None:
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return
        self.leave()


if sys.platform == "win32":  # pragma: no cover - there, writers of other processes just retry

    @contextmanager
    def door(path: Path) -> Iterator[None]:
        """Only one process at a time passes."""
        yield

else:
    import fcntl

    @contextmanager
    def door(path: Path) -> Iterator[None]:
        """Only one process at a time passes; the others wait here, not inside the database.

        A writer passes while the one before it still writes, and closes the door until it has
        the database. The system opens the door of a process that dies.
        """
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
