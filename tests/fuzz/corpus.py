"""What the fuzzers begin with: every project and every sentence that we have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dsl.catalogue import completed, pages
from tests.dsl.reference.shop import FILE, Shop

__all__ = ["Corpus", "corpus"]

HOUSE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Small projects, as bytes by path, a few large ones, and what their files are made of."""

    small: Sequence[Mapping[str, bytes]]
    large: Sequence[Mapping[str, bytes]]
    lines: Sequence[str]
    words: Sequence[str]
    sentences: Sequence[str]


@cache
def corpus() -> Corpus:
    """Everything there is, in a fixed order."""
    examples = [completed(one) for page in pages().values() for one in (page.wrong, page.right)]
    reference = Shop(FILE.read_text(encoding="utf-8")).files
    cases = _folder(HOUSE / "tests/projects/hard_cases")
    shared = {path: text for path, text in cases.items() if "/" not in path}
    rooms = sorted({path.split("/")[0] for path in cases if "/" in path})
    hard = [
        shared | {path: text for path, text in cases.items() if path.startswith(f"{room}/")}
        for room in rooms
    ]
    large = [
        _folder(HOUSE / "tests/projects/shop"),
        _folder(HOUSE / "examples/online_retail"),
        _folder(HOUSE / "journeys"),
    ]
    texts = [text for files in (reference, *hard, *large) for text in files.values()]
    lines = sorted({line for text in texts for line in text.split("\n") if line.strip()})
    words = sorted(
        {word for line in lines for word in re.findall(r"\"[^\"]*\"|[\w.]+|[^\w\s]+", line)}
    )
    data = HOUSE / "tests/dsl/expr/data"
    written = [
        line.partition("|")[2].strip()
        for name in ("expressions.txt", "must_fail.txt")
        for line in (data / name).read_text(encoding="utf-8").split("\n")
        if "|" in line
    ]
    planted = re.findall(
        r"^### (.+)$", (HOUSE / "tests/dsl/data/messages.txt").read_text("utf-8"), re.MULTILINE
    )
    return Corpus(
        [_bytes(files) for files in (reference, *hard, *examples)],
        [_bytes(files) for files in large if files],
        lines,
        words,
        [*written, *planted],
    )


def _folder(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*.yaml"))
    }


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}
