"""An e-mail's plain text: paragraphs, links written out, columns one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import TypeAlias, assert_never

from jinja2 import Environment, TemplateSyntaxError, nodes

from channels.content.html import call_use, inner_loop, inner_test, only_if
from channels.content.layout import Chosen, Laid, Loop, Part, Shown, Side, Used
from channels.content.rewrite import data, rewrite
from dsl.message import Button, Divider, Html, Image, TextBlock

__all__ = ["email_text", "tidied"]

Nodes: TypeAlias = list[nodes.Node]

_RULE = "-" * 40
_GAP = "\n\n"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_KEPT = re.compile("\ue000(\\d+)\ue001")
_BLOCK_TAGS = """
address article blockquote br div dd dl dt h1 h2 h3 h4 h5 h6 hr li ol p section table tr ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SILENT = frozenset({"head", "script", "style", "title"})


def email_text(tree: Sequence[Laid], environment: Environment) -> Nodes:
    """The nodes of the text; ``tidied`` takes the spare line breaks out of what they render."""
    made: Nodes = []
    for laid in tree:
        match laid:
            case Part():
                made += _part(laid, environment)
            case Side(columns):
                for column in columns:
                    made += email_text(column, environment)
            case Loop(number, variable, body):
                made.append(inner_loop(number, variable, email_text(body, environment)))
            case Shown(number, body):
                made.append(inner_test(number, email_text(body, environment)))
            case Used(number, bodies):
                each = [
                    only_if(body, len(bodies))(email_text(blocks, environment))
                    for body, blocks in bodies
                ]
                made.append(call_use(number, each))
            case _:
                assert_never(laid)
    return made


def tidied(text: str) -> str:
    """At most one empty line in a row, no blanks at the ends of lines."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _part(part: Part, environment: Environment) -> Nodes:
    match part.block:
        case TextBlock():
            return [*part.texts[0].nodes(environment, "text"), data(_GAP)]
        case Image():
            alt = part.texts[1]
            if not alt.text:
                return []
            return [data("["), *alt.nodes(environment, "line"), data("]" + _GAP)]
        case Button():
            label = part.texts[0].nodes(environment, "line")
            link = part.texts[1].address(environment, *part.texts[2:])
            return [*label, data(": "), *link, data(_GAP)]
        case Divider():
            return [data(_RULE + _GAP)]
        case Html():
            return [*_html(part.texts[0], environment), data(_GAP)]
        case _:
            assert_never(part.block)


def _html(chosen: Chosen, environment: Environment) -> Nodes:
    """The words of hand-written HTML. Jinja tags inside of HTML tags go where the tags go."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    words = _Words()
    words.feed(_TAG.sub(keep, chosen.text))
    words.close()
    text = "".join(words.said)
    back = _KEPT.sub(lambda found: kept[int(found[1])], text)
    try:
        return rewrite(back, environment, chosen.place, "text")
    except TemplateSyntaxError:  # half of an "if" stood inside of a tag
        return [data(_KEPT.sub("", text))]


class _Words(HTMLParser):
    """What is left of HTML when the tags are gone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        elif tag == "a":
            self._links.append(given.get("href") or "")
        elif tag == "img" and given.get("alt"):
            self.said.append(f"[{given['alt']}]")
        elif tag in _BLOCKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            link = self._links.pop()
            if link and link not in "".join(self.said[-1:]):
                self.said.append(f" ({link})")
        elif tag in _BLOCKS:
            self.said.append("\n\n" if tag in {"p", "table", "ul", "ol"} else "\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))
