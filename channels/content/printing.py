"""How a value is put into a text: as words, as one line, into HTML, into a link, as a parameter.

These are the functions that our own nodes call; texts cannot name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2.runtime import Undefined
from markupsafe import Markup, escape

from channels.content.filters import concat
from channels.content.writing import Unwritable, Writer

__all__ = [
    "ANCHOR_BEGIN",
    "ANCHOR_END",
    "ANCHOR_MIDDLE",
    "INNER",
    "PARAMETER",
    "PART_END",
    "one_line",
]

PART_END = "\x1d"
"""Stands between the parts that one template renders. Values cannot contain it."""

PARAMETER = "\x1e"
"""Stands around each parameter of an approved template."""

ANCHOR_BEGIN, ANCHOR_MIDDLE, ANCHOR_END = '<a href="', '" style="color:#2f5d8a">', "</a>"
"""What stands around where a link within a paragraph leads, and around its words."""

_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_BLANKS = re.compile(r"\s+")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+\Z")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_UNSAFE = frozenset({"data", "file", "javascript", "vbscript"})


def one_line(text: str) -> str:
    """``text`` without line breaks, fit for a header."""
    return _BREAKS.sub(" ", text).strip()


def _words(value: Any, writer: Writer) -> str:
    return writer.text(value)


def _line(value: Any, writer: Writer) -> str:
    return _BREAKS.sub(" ", writer.text(value))


def _words_or_link(value: Any, link: str, writer: Writer) -> str:
    text = writer.text(value)
    if text.startswith("http") and _ADDRESS.match(text):
        return writer.link(text, link)
    return text


def _html_or_link(value: Any, link: str, writer: Writer) -> str:
    """Escaped by the environment; a value that is a link as a whole can be clicked."""
    text = writer.text(value)
    if text.startswith("http") and _ADDRESS.match(text):
        leads, shown = str(escape(writer.link(text, link))), str(escape(text))
        anchor = ANCHOR_BEGIN + leads + ANCHOR_MIDDLE + shown + ANCHOR_END
        return Markup(anchor)  # noqa: S704 - what is not ours is escaped
    return text


def _address(text: str, link: str, writer: Writer, app: str = "") -> str:
    """Where an address leads: there, or there by way of us. Blocks are rendered as HTML already."""
    if isinstance(text, Markup):
        text = unescape(text)
    if isinstance(app, Markup):
        app = unescape(app)
    return writer.link("".join(text.split()), link, app)


def _tagged(text: str, link: str, writer: Writer) -> str:
    """An address whose beginning others have approved: it never leads by way of us."""
    return writer.tagged("".join(text.split()), link)


def _joined(pieces: tuple[str, ...]) -> str:
    return "".join(pieces)


def _link(value: Any, writer: Writer) -> str:
    """A value that is a link or begins one. It cannot make the link do something."""
    text = _BLANKS.sub("", writer.plain(value))
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() in _UNSAFE:
        raise Unwritable(f"a link cannot begin with {scheme[1].lower()}:")
    return text


def _link_part(value: Any, writer: Writer) -> str:
    """A value inside a link: it stays in its place, whatever is in it."""
    return quote(writer.plain(value), safe="/-._~,@")


def _parameter(value: Any, writer: Writer) -> str:
    return f"{PARAMETER}{_BLANKS.sub(' ', writer.text(value)).strip()}{PARAMETER}"


def _steps(items: Any, cost: int, writer: Writer) -> Any:
    """The items of a loop, paid for before the first round."""
    if isinstance(items, Undefined):
        str(items)  # raises, with the name
    if not isinstance(items, tuple | list):
        raise Unwritable("a text can only go through a list")
    writer.budget.spend(len(items) * cost)
    return items


INNER: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "put text": _words,
        "put line": _line,
        "put text or link": _words_or_link,
        "put html or link": _html_or_link,
        "put raw": _words,
        "put address": _address,
        "put joined": _joined,
        "put tagged": _tagged,
        "put link": _link,
        "put link part": _link_part,
        "put parameter": _parameter,
        "steps": _steps,
        "concat": concat,
    }
)
"""By names with a blank, which no text can write."""
