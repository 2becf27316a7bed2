"""The audit record: what people did by hand that left the house. A file that only grows.

A line is on the disk before anything it tells of happens, so there is no deed without one. It holds
who did what and when, and nothing of the people whose data was looked at.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

import orjson

from dsl.calendar import Instant, to_datetime
from engine.operator import OperatorError

__all__ = ["note", "who"]


def note(record: Path, now: Instant, deed: str, **about: Any) -> None:
    """Adds a line. Raises ``OperatorError`` if that cannot be: then the deed must not be done."""
    at = to_datetime(now).isoformat().replace("+00:00", "Z")
    line = orjson.dumps({"at": at, "by": who(), "deed": deed, **about}) + b"\n"
    try:
        file = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise OperatorError(
            f"The audit record {record} cannot be written to ({error.strerror}), and nothing is done"
            " without it: put that right, or name another file with audit in wayline.toml."
        ) from None


def who() -> str:
    """The name of whoever runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return str(os.getuid())
