"""Texts and lists while a rule is evaluated.

Text is compared after ``fold``: NFC, case folding, no outer spaces. Codes and words of a list are
compared as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias
from unicodedata import normalize

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency

from dsl.currencies import minor_units

__all__ = [
    "among",
    "as_stored",
    "column",
    "fold",
    "glob",
    "has_all",
    "has_any",
    "join",
    "pieces",
    "title",
    "written_amount",
]

Reader: TypeAlias = Callable[[Any], Any]

_LONGEST_AMOUNT = 10**20


def fold(text: str) -> str:
    """What two texts have in common that are the same but for case and outer spaces."""
    if text.isascii():
        return text.strip().lower()
    return normalize("NFC", text).casefold().strip()


def pieces(pattern: str) -> tuple[str, ...]:
    """A pattern, cut at its asterisks."""
    return tuple(pattern.split("*"))


def glob(parts: Sequence[str], text: str) -> bool:
    """Whether ``text`` is a pattern: ``*`` is anything, ``?`` is one character.

    Each part is taken at the first place it fits, so the work is bounded by the product of the
    lengths, whatever the pattern.
    """
    first, *middle = parts
    if not middle:
        return len(text) == len(first) and _fits(first, text, 0)
    *middle, last = middle
    if len(text) < len(first) + len(last) or not _fits(first, text, 0):
        return False
    at, end = len(first), len(text) - len(last)
    if not _fits(last, text, end):
        return False
    for part in middle:
        while at + len(part) <= end and not _fits(part, text, at):
            at += 1
        at += len(part)
        if at > end:
            return False
    return True


def _fits(part: str, text: str, at: int) -> bool:
    if "?" not in part:
        return text.startswith(part, at)
    if at + len(part) > len(text):
        return False
    return all(want in ("?", text[at + n]) for n, want in enumerate(part))


def _read(items: Iterable[Any], read: Reader) -> list[Any]:
    return [value for item in items if (value := read(item)) is not None]


def among(value: Any, items: Iterable[Any], read: Reader) -> bool:
    """Whether a list at rest holds ``value``."""
    return any(read(item) == value for item in items)


def has_any(items: Iterable[Any], wanted: Collection[Any], read: Reader) -> bool:
    """Whether a list at rest holds any of ``wanted``."""
    return any(value is not None and value in wanted for value in map(read, items))


def has_all(items: Iterable[Any], wanted: Collection[Any], read: Reader) -> bool:
    """Whether a list at rest holds all of ``wanted``; None is never held."""
    held = _read(items, read)
    return len(wanted) > 0 and all(value in held for value in wanted)


def column(items: Iterable[Any], path: Sequence[str]) -> list[Any] | None:
    """One field of every record in a list, where it is known."""
    found = []
    for item in items:
        value = item
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value not in (None, "", []):
            found.append(value)
    return found or None


def as_stored(value: Any) -> Any:
    """A value as an entry of a list at rest."""
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def join(items: Iterable[Any], between: str) -> str | None:
    """The texts of a list in one."""
    return between.join(item for item in items if item.__class__ is str) or None


def title(text: str) -> str:
    """Every word with a capital letter; the rest as it was."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def written_amount(minor: int | Decimal, currency: str, language: str) -> str | None:
    """An amount in minor units as the recipient writes amounts."""
    amount = Decimal(minor).scaleb(-minor_units(currency))
    if abs(amount) >= _LONGEST_AMOUNT:
        return None
    return format_currency(amount, currency, locale=_locale(language))
