"""Files with one thing on each line, plain or gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

__all__ = ["numbered_lines"]


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers from 1."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
