"""Whether what somebody wrote is to be obeyed. The words are data, in a file beside; the rule is
short, so that anybody can say why a message was taken for what.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from channels.replies import Word

__all__ = ["Keyword", "Keywords", "Meaning", "keywords", "plain", "read_keywords"]

Meaning: TypeAlias = Literal[
    "stop", "start", "yes", "help", "in a short message", "anywhere", "not meant", "politeness"
]
_SHORT = 10  # words
_LETTERS = 3  # written one by one: s t o p
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_WHOLE: tuple[Meaning, ...] = ("stop", "start", "yes", "help")


class Keyword(NamedTuple):
    """A line of the file."""

    words: str
    meaning: Meaning
    language: str
    source: str
    as_of: str


def plain(text: str) -> str:
    """The words alone: in small letters, without accents, punctuation, signs and pictures."""
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    kept = "".join(
        each if each.isalnum() else "" if unicodedata.category(each) in ("Mn", "Cf") else " "
        for each in decomposed
    )
    words = kept.split()
    if len(words) >= _LETTERS and all(len(word) == 1 for word in words):
        return "".join(words)
    return " ".join(words)


class Keywords:
    """What words mean, alone and among others."""

    def __init__(self, listed: Collection[Keyword]) -> None:
        known: dict[Meaning, set[str]] = {meaning: set() for meaning in get_args(Meaning)}
        for each in listed:
            known[each.meaning].add(each.words)
        self._whole: Mapping[str, Meaning] = {
            words: meaning for meaning in _WHOLE for words in known[meaning]
        }
        self._politeness, self._not_meant, self._short, self._anywhere = (
            _any_of(known[kind])
            for kind in cast(
                "tuple[Meaning, ...]", ("politeness", "not meant", "in a short message", "anywhere")
            )
        )

    def read(self, text: str) -> Word | Literal["yes"] | None:
        """What a message means; None if it is a message like any other."""
        words = plain(text)
        found = self._whole.get(words) or self._whole.get(_without(self._politeness, words))
        if found is not None:
            return cast("Word | Literal['yes']", found)
        rest = _without(self._not_meant, words)
        short = len(words.split()) <= _SHORT and self._short.search(rest)
        return "stop" if short or self._anywhere.search(rest) else None


def _any_of(phrases: Collection[str]) -> re.Pattern[str]:
    """Any of these, as whole words; the longest that fits."""
    longest_first = sorted(phrases, key=lambda each: (-len(each), each))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _without(phrases: re.Pattern[str], words: str) -> str:
    return " ".join(phrases.sub(" ", words).split())


@cache
def keywords() -> Keywords:
    """Those that come with Wayline."""
    text = (files("channels.words") / "words.tsv").read_text(encoding="utf-8")
    return Keywords(list(read_keywords(text)))


def read_keywords(text: str) -> Iterator[Keyword]:
    """The lines of a file of words. Raises ``ValueError`` for one that is not as it should be."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != len(Keyword._fields) or fields[1] not in get_args(Meaning):
            raise ValueError(f"line {number} says no meaning, language, source and date: {line!r}")
        if plain(fields[0]) != fields[0]:
            raise ValueError(
                f"line {number}: words are written as they are compared, {fields[0]!r}"
            )
        yield Keyword(fields[0], cast("Meaning", fields[1]), *fields[2:])
