"""Pages as they are read from the Markdown files beside this one, one file for each family."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from dsl.catalogue.page import Page

__all__ = ["codes", "page", "pages"]

_HEAD = re.compile(r"^## (\w+): (.+)$", re.MULTILINE)
_PART = re.compile(r"^### (Why|Wrong|Right)$", re.MULTILINE)
_FENCE = re.compile(r"^```yaml (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def pages() -> Mapping[str, Page]:
    """All pages by code."""
    folder = files("dsl.catalogue").joinpath("pages")
    found = {
        one.code: one
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        for one in _read(file.name.removesuffix(".md"), file.read_text(encoding="utf-8"))
    }
    return MappingProxyType(found)


def page(code: str) -> Page | None:
    """The page of a code, however its letter is written; None if there is none."""
    return pages().get(code.strip().upper())


def codes() -> tuple[str, ...]:
    """All codes that have a page, in order."""
    return tuple(sorted(pages(), key=lambda code: (code[0], int(code[1:]))))


def _read(family: str, text: str) -> Iterator[Page]:
    _, *parts = _HEAD.split(text)
    for code, title, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        says, *named = _PART.split(body)
        sections = dict(zip(named[::2], named[1::2], strict=True))
        yield Page(
            code,
            title,
            says.strip(),
            sections["Why"].strip(),
            _example(sections.get("Wrong", "")),
            _example(sections.get("Right", "")),
            family,
        )


def _example(section: str) -> Mapping[str, str]:
    return MappingProxyType(dict(_FENCE.findall(section)))
