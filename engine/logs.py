"""Structured logs: one line per happening, on standard error. No personal data in them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

__all__ = ["Log", "open_log"]

Log = structlog.typing.FilteringBoundLogger

_LEVELS: Mapping[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def open_log(form: str = "text", level: str = "info", stream: TextIO | None = None) -> Log:
    """A logger of its own: JSON lines for machines, or short lines for people. Nothing global.

    Tracebacks are without the values of variables: those are people's data.
    """
    out = sys.stderr if stream is None else stream
    lines = _Lines(out)
    render: Any
    if form == "json":
        render = structlog.processors.JSONRenderer()
        plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        trace: Any = structlog.processors.ExceptionRenderer(plain)
    else:
        render = structlog.dev.ConsoleRenderer(
            colors=out.isatty(),
            sort_keys=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
        trace = _as_it_is
    logger: Log = structlog.wrap_logger(
        structlog.WriteLogger(cast("TextIO", lines)),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            trace,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )
    return logger


class _Lines:
    """Where lines go. One that cannot be written, because the disk is full or nobody reads, is lost:
    nothing that is worth a line is worth less than the line.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        """The line, if it can be written."""
        with contextlib.suppress(OSError):
            return self._out.write(line)
        return 0

    def flush(self) -> None:
        """As well as it can be done."""
        with contextlib.suppress(OSError):
            self._out.flush()


def _as_it_is(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return event
