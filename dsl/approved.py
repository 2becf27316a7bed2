"""Wordings that a provider has approved, as they are declared in the policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["VALUE", "Approved"]

VALUE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""Where a value goes in an approved wording, and what it is called there."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A wording that a provider has approved: the body by the provider's code of each language,
    with ``{{1}}`` where values go. ``head`` is what stands above it and needs a value, ``button``
    the link that ends in one, up to there; empty if there is none.
    """

    name: str
    category: Literal["marketing", "utility", "authentication"]
    body: Mapping[str, str]
    head: Literal["", "text", "image"]
    button: str
    place: str

    def values_in(self, code: str) -> int:
        """How many values the wording takes in a language, by its code."""
        return len(VALUE.findall(self.body[code]))

    def code_for(self, language: str) -> str | None:
        """The provider's code for readers of a language; None if it is not approved in it."""
        wanted = language.replace("-", "_").casefold()
        base = wanted.partition("_")[0]
        by_code = {code.casefold(): code for code in self.body}
        if wanted in by_code:
            return by_code[wanted]
        alike = (code for known, code in by_code.items() if known.partition("_")[0] == base)
        return next(alike, None)
