"""The small project in which the examples of the catalogue stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

__all__ = ["completed"]


def completed(example: Mapping[str, str]) -> dict[str, str]:
    """The small project with an example in it, by path.

    Its keys take the place of the same keys of the project's file, or are added to it; a file that
    the project does not have is the example's alone.
    """
    folder = files("dsl.catalogue").joinpath("example")
    base = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    return base | {path: _merged(base.get(path, ""), text) for path, text in example.items()}


def _merged(base: str, text: str) -> str:
    given = _keys(text)
    known = {key for key, _ in given}
    kept = [lines for key, lines in _keys(base) if key not in known]
    first = [lines for key, lines in given if key == _keys(base)[0][0]] if base else []
    rest = [lines for _, lines in given if lines not in first]
    return "".join([*first, *kept, *rest])


def _keys(text: str) -> list[tuple[str, str]]:
    """A file cut before each of its outermost keys."""
    pieces = re.split(r"(?m)^(?=[^\s#])", text)
    return [(piece.split(":")[0].strip(), piece) for piece in pieces if piece]
