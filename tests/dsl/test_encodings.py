"""Files as programs save them: what can be read is read, and for the rest it is said what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.compiler import compile_folder
from dsl.project import read_folder

SEGMENTS = 'segments:\n  big: {who: city is "Weiß"}\n'


def told(tmp_path: Path, raw: bytes) -> list[tuple[str, int, int, str]]:
    """Code, place and message of what is said about a file."""
    (tmp_path / "more.yaml").write_bytes(raw)
    return [
        (one.code, one.span.line, one.span.column, one.message)
        for one in compile_folder(tmp_path).diagnostics
        if one.span.path == "more.yaml"
    ]


@pytest.mark.parametrize(
    "raw",
    [
        SEGMENTS.encode(),
        SEGMENTS.encode("utf-8-sig"),
        SEGMENTS.replace("\n", "\r\n").encode(),
        SEGMENTS.replace("\n", "\r").encode(),
    ],
    ids=["as we write it", "with a mark in front", "as Windows does", "as old Macs did"],
)
def test_these_are_read(tmp_path: Path, raw: bytes) -> None:
    assert told(tmp_path, raw) == []
    assert read_folder(tmp_path).refused == ()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (SEGMENTS.encode("utf-16"), (1, 1, "This file is saved as UTF-16.")),
        (
            SEGMENTS.replace("ß", "ss").encode("utf-16-be"),
            (1, 1, "This file holds a character that no text should"),
        ),
        (SEGMENTS.encode("latin-1"), (2, 26, "From here on, this file is not text in UTF-8.")),
        (b"\x89PNG\r\n\x1a\n\0\0", (1, 1, "From here on, this file is not text in UTF-8.")),
        (b"segments:\n\0\0", (2, 1, "This file holds a character that no text should")),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "Latin 1", "a picture", "nothing but zeros"],
)
def test_of_these_it_is_said_what_they_are(
    tmp_path: Path, raw: bytes, expected: tuple[int, int, str]
) -> None:
    (found,) = told(tmp_path, raw)

    assert found[0] == "Y11"
    assert found[1:3] == expected[:2]
    assert found[3].startswith(expected[2])
