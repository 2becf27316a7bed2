"""What is certainly said in a text or an e-mail, whoever it is for: whichever language is chosen,
whatever conditions hold, whatever is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from jinja2 import nodes

from dsl.message import (
    Block,
    Button,
    Columns,
    Divider,
    ForEach,
    Html,
    Image,
    LocalText,
    Module,
    Show,
    Template,
    TextBlock,
    Use,
)
from dsl.source import Text
from dsl.templates import parse_text

__all__ = ["ADDRESS", "UNSUBSCRIBE", "languages_of", "said_in_blocks", "said_in_text"]

UNSUBSCRIBE = "unsubscribe_link"
ADDRESS = "our_address"
_OBLIGED = frozenset({UNSUBSCRIBE, ADDRESS})
_HARMLESS = frozenset({"d", "default", "trim"})  # filters that leave a name as it is
_HIDDEN = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)


def languages_of(texts: Iterable[LocalText], languages: Sequence[str]) -> tuple[str, ...]:
    """Every language that somebody can be written to in, the company's first."""
    further = {code: None for text in texts for code in text if code}
    return tuple(dict.fromkeys([*languages, *further]))


def said_in_text(text: LocalText, language: str, first: str) -> frozenset[str]:
    """Of what must be said, what a text for readers of ``language`` says in any case."""
    template = _chosen(text, language, first)
    return frozenset() if template is None else _said(template.text)


def said_in_blocks(
    blocks: Iterable[Block], modules: Mapping[str, Module], language: str, first: str
) -> frozenset[str]:
    """Of what must be said, what these blocks say in any case."""
    said = frozenset[str]()
    for block in blocks:
        match block:
            case TextBlock(text):
                said |= said_in_text(text, language, first)
            case Html(html):
                template = _chosen(html, language, first)
                said |= frozenset() if template is None else _said(_HIDDEN.sub("", template.text))
            case Button(link=link):
                said |= said_in_text(link, language, first) & {UNSUBSCRIBE}
            case Columns(columns):
                for column in columns:
                    said |= said_in_blocks(column, modules, language, first)
            case Use():
                said |= _used(block, modules, language, first)
            case Image() | Divider() | ForEach() | Show():
                pass  # no words, or not in any case
    return said


def _used(use: Use, modules: Mapping[str, Module], language: str, first: str) -> frozenset[str]:
    """What is said whatever becomes of a module: it is shown, something stands in for it, it is
    left out, or nothing is sent, and then nothing has to be said.
    """
    module = modules.get(use.module)
    if module is None:
        return _OBLIGED  # there is a finding for it already
    said = said_in_blocks(module.blocks, modules, language, first)
    if module.otherwise is not None:
        said &= _used(module.otherwise, modules, language, first)
    elif module.show_if is not None:
        return frozenset()
    if use.instead is not None:
        return said & _used(use.instead, modules, language, first)
    return said if use.if_missing == "do not send" else frozenset()


def _chosen(text: LocalText, language: str, first: str) -> Template | None:
    """As the channels choose: ``de-AT``, else ``de``, else the company's first, else any."""
    for code in (language, language.split("-", 1)[0], "", first):
        if code in text:
            return text[code]
    return next(iter(text.values()), None)


@lru_cache(maxsize=4096)
def _said(text: str) -> frozenset[str]:
    if not any(name in text for name in _OBLIGED):
        return frozenset()
    template = parse_text(Text.of(text), [])
    return frozenset() if template is None else frozenset(_printed(template.body))


def _printed(body: Sequence[nodes.Node]) -> Iterator[str]:
    """The names that are printed on every path."""
    for node in body:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    yield from _value(part)
            case nodes.If():
                paths = [node.body, *(each.body for each in node.elif_), node.else_]
                yield from frozenset.intersection(*(frozenset(_printed(path)) for path in paths))
            case _:
                pass  # a loop may have no rounds


def _value(part: nodes.Node) -> Iterator[str]:
    match part:
        case nodes.Name(name=name) if name in _OBLIGED:
            yield name
        case nodes.Filter(node=nodes.Expr() as inner, name=name) if name in _HARMLESS:
            yield from _value(inner)
        case nodes.CondExpr(expr1=one, expr2=nodes.Expr() as other):
            yield from frozenset(_value(one)) & frozenset(_value(other))
        case nodes.Concat(nodes=parts):
            for each in parts:
                yield from _value(each)
        case _:
            pass
