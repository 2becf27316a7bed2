"""What people have said about being written to, and what of it counts, told in plain words: by
category and channel, ``*`` for all; when, and negative for a withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import TypeAlias

from dsl.machine import Category, ConsentNotNeeded

__all__ = ["last_word", "words"]

Words: TypeAlias = Mapping[tuple[str, str], int]


def last_word(words: Words, category: Category, channel: str) -> int:
    """When it was granted, negative if it was withdrawn, 0 if nothing stands."""
    whose = {category.name, "*"}
    if isinstance(category.consent, ConsentNotNeeded):
        whose.remove("*")
    here = (channel, "*")
    covering = [said for (a, b), said in words.items() if a in whose and b in here]
    if category.existing_customers and channel in ("email", "sms"):
        bought = any((category.name, f"{place}/existing customer") in words for place in here)
        objected = any(said < 0 for (name, _), said in words.items() if name in whose)
        if bought and not objected:
            return 1
    return max(covering, key=lambda said: (abs(said), said < 0), default=0)


def words(random: Random, categories: Iterable[str]) -> dict[tuple[str, str], int]:
    """What somebody may have said."""
    made = {}
    for category in (*categories, "*"):
        for channel in ("email", "push", "*"):
            if random.random() < (0.1 if category == "*" else 0.3):
                said = random.choice((1000, 2000, 3000))
                made[category, channel] = random.choice((said, -said))
            if random.random() < 0.1:
                made[category, f"{channel}/existing customer"] = 1500
    return made
