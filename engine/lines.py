"""Files with one thing on each line, plain or gzipped: read line by line, however large they are."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO, cast

from engine.operator import OperatorError

__all__ = ["LONGEST_LINE", "Bytes", "numbered_lines"]

LONGEST_LINE = 1 << 20
"""In bytes. Whatever has a longer one is no file of lines."""

_GZIPPED = b"\x1f\x8b"
_AT_ONCE = 1 << 18


class Bytes:
    """A file as it is read: ``done`` of its ``size`` bytes so far, as they lie on the disk.

    Raises ``OperatorError`` when it cannot be read to its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._raw: IO[bytes] | None = None

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else self.size

    def lines(self) -> Iterator[bytes]:
        """Every line, from the first one on."""
        number = 0
        with self._opened() as file:
            try:
                while line := file.readline(LONGEST_LINE):
                    number += 1
                    if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                        raise OperatorError(
                            f"{self.path}: line {number} is longer than 1 MB. Is that a file of lines?"
                        )
                    yield line
            except (OSError, EOFError, zlib.error) as error:
                raise OperatorError(
                    f"{self.path} cannot be read on after line {number}: {error}."
                ) from None

    def pieces(self) -> Iterator[bytes]:
        """All of it, in pieces of some size."""
        with self._opened() as file:
            try:
                while piece := file.read(_AT_ONCE):
                    yield piece
            except (OSError, EOFError, zlib.error) as error:
                raise OperatorError(f"{self.path} cannot be read: {error}.") from None

    def text(self, encoding: str) -> TextIO:
        """All of it as text, with the ends of lines as they are. It has been looked at before, so
        lines are as long as they may be.
        """
        return TextIOWrapper(cast("IO[bytes]", self._opened()), encoding, newline="")

    def close(self) -> None:
        """Lets go of the file, wherever it has been read to."""
        if self._raw is not None:
            self._raw.close()

    def _opened(self) -> IO[bytes] | gzip.GzipFile:
        try:
            self._raw = self.path.open("rb")
            head = self._raw.read(len(_GZIPPED))
            self._raw.seek(0)
        except OSError as error:
            raise OperatorError(f"{self.path} cannot be read: {error.strerror}.") from None
        if head == _GZIPPED:
            return _Unpacked(self._raw)
        return self._raw


class _Unpacked(gzip.GzipFile):
    """What is in a gzipped file, which is closed with it."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__(fileobj=raw)
        self._packed = raw

    def close(self) -> None:
        super().close()
        self._packed.close()


def numbered_lines(source: Path | Bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1."""
    file = source if isinstance(source, Bytes) else Bytes(source)
    return ((number, line) for number, line in enumerate(file.lines(), 1) if line.strip())
