"""Texts with ``{{ }}``, read but never rendered: their nodes, each with its place in the text.

Jinja2 knows the line of a node only. Here its lexer counts characters instead of lines, so that
a finding can point at the very word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream

from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error
from dsl.source import Text

__all__ = ["parse_text", "place_of", "word_at"]

LONGEST = 20_000
_WORD = re.compile(r"[^\W\d]\w*")
_OPENING = re.compile(r"\{\{|\{%|\{#")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}


class _Reader(Environment):
    """Jinja2's parser with the line number of every token replaced by its offset."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        return TokenStream(self.lexer.wrap(self._offsets(source)), name, filename)

    def _offsets(self, source: str) -> Iterator[tuple[int, str, str]]:
        at = 0
        for _, token, words in self.lexer.tokeniter(source, None):
            found = source.find(words, at)  # "-%}" and its like swallow blanks in between
            at = found if found >= 0 else at
            yield at, token, words
            at += len(words)


def parse_text(text: Text, found: list[Diagnostic]) -> nodes.Template | None:
    """The nodes of a text, whose ``lineno`` is the offset at which they begin; None with a finding.

    Leading and trailing white space counts, so offsets are those of ``text``.
    """
    if len(text) > LONGEST:
        message = f"This text is longer than {LONGEST} characters."
        found.append(error("M10", text.span(0, 1), message))
        return None
    reader = _Reader(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    try:
        return reader.parse(str(text))
    except TemplateSyntaxError as problem:
        found.append(_explained(text, problem))
    except RecursionError:
        message = "There are too many brackets inside one another here."
        found.append(error("M10", _span(text, 0), message))
    return None


def place_of(node: nodes.Node) -> int:
    """The offset at which a node begins; that of an attribute is its dot."""
    place: Any = node.lineno
    return int(place or 0)


def word_at(text: str, offset: int) -> tuple[int, int]:
    """The start and the end of the first word at or after ``offset``."""
    found = _WORD.search(text, offset)
    return (offset, min(offset + 1, len(text))) if found is None else found.span()


def _explained(text: Text, problem: TemplateSyntaxError) -> Diagnostic:
    """What is wrong with a text, without a list of what a parser might have wanted."""
    said = problem.message or ""
    opened = _never_closed(text)
    if opened is not None:
        start, mark = opened
        message = f'"{mark}" is opened here and never closed.'
        return error("M10", text.span(start, start + 2), message, f"Close it with {_CLOSING[mark]}")
    offset = min(problem.lineno, max(0, len(text) - 1))
    unknown = re.match(r"Encountered unknown tag '(\w+)'", said)
    if unknown is not None:
        tag = unknown[1]
        if tag.startswith("end") or tag in {"else", "elif"}:
            message = f'"{tag}" stands here without the "if" or "for" it belongs to.'
            return error("M10", _span(text, offset), message)
        message = f'"{tag}" is not known in a text.'
        hint = "Possible here: if, for, set. The name of a value stands in {{ }}."
        return error("M10", _span(text, offset), message, hint)
    if said.startswith("Unexpected end of template"):
        message = 'An "if" or "for" of this text has no end.'
        hint = "Close it with {% endif %} or {% endfor %}"
        return error("M10", _span(text, _last_tag(text)), message, hint)
    message = "I cannot read what stands between the curly brackets here."
    hint = 'For example: {{ first_name | default("Hi") }}'
    return error("M10", _span(text, offset), message, hint)


def _never_closed(text: str) -> tuple[int, str] | None:
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        end = text.find(_CLOSING[opening[0]], opening.end())
        if end < 0:
            return opening.start(), opening[0]
        at = end + 2
    return None


def _last_tag(text: str) -> int:
    tags = [found.start() for found in re.finditer(r"\{%[-+]?\s*(if|for)\b", text)]
    return tags[-1] if tags else 0


def _span(text: Text, offset: int) -> Span:
    start, end = word_at(text, offset)
    return text.span(start, max(end, start + 1))
