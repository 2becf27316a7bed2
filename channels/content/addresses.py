"""Addresses in texts: found once, when a message is compiled, so that none is looked for later.

A text is parsed into words and values in turns. An address begins in words (``https://...``) and may
go on in values; a value may be a whole address, or the beginning of one.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from html import unescape
from typing import NamedTuple, TypeAlias

from jinja2 import nodes

__all__ = ["Piece", "Run", "Token", "addresses", "references"]

_BEGIN = re.compile(r"https?://[^\s<>\"']*")
_FURTHER = re.compile(r"[^\s<>\"']*")
_GOES_ON = re.compile(r"[/?#&=][^\s<>\"']*")  # what makes a value the beginning of an address
_ENDS = ".,;:!?)"
_BARE = re.compile(r"https?:/*\Z")
_MARKUP = re.compile(r"<\s*([A-Za-z][A-Za-z0-9]*)|(>)|\bhref\s*=\s*([\"'])", re.IGNORECASE)

Piece: TypeAlias = str | nodes.Expr


class Run(NamedTuple):
    """What belongs together. It is an address for ``sure``, or if its values make it one."""

    pieces: tuple[Piece, ...]
    sure: bool


Token: TypeAlias = str | nodes.Expr | Run


def addresses(tokens: Iterable[Piece], *, ends: bool) -> list[Token]:
    """The same tokens, with addresses as runs. ``ends`` says that nothing follows: what might go on
    there is an address then.
    """
    waiting, found = deque(tokens), list[Token]()
    while waiting:
        token = waiting.popleft()
        if not isinstance(token, str):
            found.append(_begun_by_value(token, waiting))
            continue
        begin = _BEGIN.search(token)
        if begin is None:
            found.append(token)
            continue
        if begin.start():
            found.append(token[: begin.start()])
        pieces: list[Piece] = [begin[0]]
        after = token[begin.end() :]
        is_open = not after
        if is_open:
            after, is_open = _follow(pieces, waiting, ends=ends)
        after = _without_end(pieces) + after
        if is_open or (len(pieces) == 1 and _BARE.match(str(pieces[0]))):
            found += pieces
        else:
            found.append(Run(tuple(pieces), sure=True))
        if after:
            if is_open:
                found.append(after)
            else:
                waiting.appendleft(after)
    return found


def references(tokens: Sequence[Piece]) -> list[Token]:
    """The same tokens of hand-written HTML, with the addresses that its links lead to as runs."""
    waiting, found, tag = deque(tokens), list[Token](), ""
    while waiting:
        token = waiting.popleft()
        if not isinstance(token, str):
            found.append(token)
            continue
        for mark in _MARKUP.finditer(token):
            if mark[1] or mark[2]:
                tag = (mark[1] or "").lower()
            elif tag == "a":
                closed = _quoted(token[mark.end() :], waiting, mark[3])
                if closed is not None:
                    pieces, after, used = closed
                    found += [token[: mark.end()], Run(pieces, sure=True)]
                    for _ in range(used):
                        waiting.popleft()
                    waiting.appendleft(after)
                    break
        else:
            found.append(token)
    return found


def _begun_by_value(value: nodes.Expr, waiting: deque[Piece]) -> Token:
    pieces: list[Piece] = [value]
    following = waiting[0] if waiting else ""
    if isinstance(following, str) and not _GOES_ON.match(following):
        return value
    after, _ = _follow(pieces, waiting, ends=True)
    after = _without_end(pieces) + after
    if after:
        waiting.appendleft(after)
    return value if len(pieces) == 1 else Run(tuple(pieces), sure=False)


def _follow(pieces: list[Piece], waiting: deque[Piece], *, ends: bool) -> tuple[str, bool]:
    """Takes what belongs to an address that goes on. The words after it, and whether it may go on
    beyond all tokens.
    """
    while waiting:
        token = waiting.popleft()
        if not isinstance(token, str):
            pieces.append(token)
            continue
        more = _FURTHER.match(token)
        length = 0 if more is None else more.end()
        if length:
            pieces.append(token[:length])
        if length < len(token):
            return token[length:], False
    return "", not ends


def _without_end(pieces: list[Piece]) -> str:
    """Takes the end of a sentence away from the end of an address."""
    last = pieces[-1]
    if not isinstance(last, str):
        return ""
    kept = last.rstrip(_ENDS)
    if kept:
        pieces[-1] = kept
    elif len(pieces) > 1:
        pieces.pop()
    else:
        return ""
    return last[len(kept) :]


def _quoted(
    first: str, waiting: Sequence[Piece], mark: str
) -> tuple[tuple[Piece, ...], str, int] | None:
    """What stands up to a quotation mark, what comes from there on, and of how many tokens more."""
    pieces: list[Piece] = []
    for used, token in enumerate((first, *waiting)):
        if not isinstance(token, str):
            pieces.append(token)
            continue
        words, closing, after = token.partition(mark)
        if words:
            pieces.append(unescape(words))
        if closing:
            return tuple(pieces), closing + after, used
    return None
