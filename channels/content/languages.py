"""Which language somebody is written to in: ``de-AT``, else ``de``, else the company's first."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

__all__ = ["Languages", "base", "own_or", "pick", "tidy"]

_T = TypeVar("_T")
_MOST_REMEMBERED = 1000  # a profile may claim any language


@lru_cache(_MOST_REMEMBERED)
def tidy(tag: str) -> str:
    """A language code in its usual spelling: ``de_at`` is ``de-AT``, ``zh-hant`` is ``zh-Hant``."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    forms = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(forms.get(len(part), str.lower)(part) for part in rest)])


def base(tag: str) -> str:
    """The language without its country or script."""
    return tag.split("-", 1)[0]


@lru_cache(_MOST_REMEMBERED)
def own_or(wanted: str, language: str) -> str:
    """What somebody speaks who wants ``wanted``, if it is a kind of ``language``; else that."""
    own = tidy(wanted)
    return own if base(own) == base(language) else language


def pick(text: dict[str, _T], language: str, first: str) -> tuple[str, _T]:
    """The code and the text for readers of ``language``.

    A text without languages has the code ``""``; one that lacks even ``first`` gives what it has.
    """
    for code in (language, base(language), "", first):
        if code in text:
            return code, text[code]
    return next(iter(text.items()))


class Languages:
    """The languages that texts are written in; the first is for everybody else."""

    def __init__(self, languages: Iterable[str], further: Iterable[str] = ()) -> None:
        ordered = [tidy(tag) for tag in languages]
        if not ordered:
            raise ValueError("at least one language is needed")
        self.first = ordered[0]
        self._known = frozenset([*ordered, *(tidy(tag) for tag in further if tag)])
        self._chosen: dict[str, str] = {}

    def choose(self, wanted: str) -> str:
        """The language that somebody who wants ``wanted`` is written to in."""
        found = self._chosen.get(wanted)
        if found is None:
            if len(self._chosen) >= _MOST_REMEMBERED:
                self._chosen.clear()
            tag = tidy(wanted)
            candidates = (tag, base(tag), self.first)
            found = next(code for code in candidates if code in self._known)
            self._chosen[wanted] = found
        return found
