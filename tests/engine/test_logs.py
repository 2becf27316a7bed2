"""Logs: for people or machines, and without people's data."""

from __future__ import annotations

import errno
import io
import json
from typing import Any

import pytest

from engine.logs import Log, open_log


def fail(log: Log) -> None:
    address = "ada@example.com"
    try:
        _ = address and 1 / 0
    except ZeroDivisionError:
        log.exception("broken", part="runner")


def test_json_lines_hold_what_happened() -> None:
    out = io.StringIO()
    open_log("json", stream=out).info("running", project="shop")

    line: dict[str, Any] = json.loads(out.getvalue())
    assert (line["event"], line["project"], line["level"]) == ("running", "shop", "info")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_shows_where_and_not_what(form: str) -> None:
    out = io.StringIO()
    fail(open_log(form, stream=out))

    assert "ZeroDivisionError" in out.getvalue()
    assert "ada@example.com" not in out.getvalue().replace('address = "ada@example.com"', "")


def test_what_is_below_the_level_is_not_said() -> None:
    out = io.StringIO()
    open_log(stream=out).debug("quiet")

    assert out.getvalue() == ""


def test_a_file_gets_no_colours() -> None:
    out = io.StringIO()
    open_log(stream=out).warning("plain")

    assert "\x1b" not in out.getvalue()


class Full(io.StringIO):
    """A disk without room."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_that_cannot_be_written_stops_nobody(form: str) -> None:
    log = open_log(form, stream=Full())

    log.info("running", project="shop")
    fail(log)
