"""One daemon per SQLite file: a lock that goes with the process, however the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.operator import OperatorError

__all__ = ["Alone"]


class Alone:
    """Holds ``<database>.lock`` for as long as the ``with`` block lasts.

    Raises ``OperatorError`` if another process holds it. The kernel lets go of it when a process
    dies, so a file left behind means nothing.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._handle = -1

    def __enter__(self) -> Self:
        path = self._database.with_name(self._database.name + ".lock")
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OperatorError(
                f"The folder of {self._database} cannot be written to: {error.strerror}."
            ) from None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = os.read(self._handle, 20).decode(errors="replace").strip()
            os.close(self._handle)
            raise OperatorError(
                f"Another wayline serve (process {other or 'unknown'}) is using {self._database}:"
                " stop it first, or name another store with --store."
            ) from None
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)  # the file stays: removing it would race with the next one
