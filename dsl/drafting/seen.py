"""What was seen of one field, in all the calls that had it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from dsl.kinds import Date, Instant, Kind, Number, Text, TimeOfDay, Whole, YesNo
from dsl.mismatch import Mismatch
from dsl.values import at_rest

__all__ = ["Seen"]

_DEEPEST = 5
_MOST_WORDS = 50
_LONGEST_WORD = 40
_LARGEST_AMOUNT = 10**12
# Narrow before wide: what is left in the end is the first that everything fitted.
_OF_NUMBERS: Final[tuple[Kind, ...]] = (Whole(), Number())
_OF_TEXTS: Final[tuple[Kind, ...]] = (Date(), Instant(), TimeOfDay(), Text())


class Seen:
    """Values of one field as they came. ``kinds`` are those that every value fits; there are none
    if there were values of several sorts, which are counted in ``sorts``.
    """

    def __init__(self, depth: int = 0) -> None:
        self.count = 0
        self.sorts: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.has_many_words = False
        self.is_amount = True
        self.item: Seen | None = None
        self.fields: dict[str, Seen] = {}
        self._kinds: tuple[Kind, ...] | None = None
        self._depth = depth

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The simple kinds that every value fits, the narrowest first."""
        return self._kinds or ()

    def add(self, value: Any) -> None:
        """One more value. Missing ones (null, empty texts and lists) are not seen."""
        if value is None or value in ("", []):
            return
        self.count += 1
        match value:
            case bool():
                self._take("yes or no", value, (YesNo(),))
            case int() | float():
                self._take("a number", value, _OF_NUMBERS)
                self.is_amount &= abs(value) < _LARGEST_AMOUNT
            case str():
                self._take("text", value, _OF_TEXTS)
                self._remember(value)
            case list():
                self.sorts["a list"] += 1
                self.item = self.item or Seen(self._depth + 1)
                if self._depth < _DEEPEST:
                    for each in value:
                        self.item.add(each)
            case dict():
                self.sorts["a record"] += 1
                self._add_fields(value)
            case _:
                self.sorts["something else"] += 1

    @property
    def is_too_deep(self) -> bool:
        """Nothing was looked at any more below this."""
        return self._depth >= _DEEPEST

    def _add_fields(self, value: Mapping[str, Any]) -> None:
        if self._depth < _DEEPEST:
            for name, each in value.items():
                self.fields.setdefault(name, Seen(self._depth + 1)).add(each)

    def _take(self, sort: str, value: Any, kinds: tuple[Kind, ...]) -> None:
        self.sorts[sort] += 1
        if len(self.sorts) > 1:
            self._kinds = ()
            return
        possible = kinds if self._kinds is None else self._kinds
        self._kinds = tuple(k for k in possible if not isinstance(at_rest(k, value), Mismatch))

    def _remember(self, text: str) -> None:
        if len(text) > _LONGEST_WORD or (text not in self.words and len(self.words) >= _MOST_WORDS):
            self.has_many_words = True
        else:
            self.words[text] += 1
