"""Plain values of the files: shares, whole numbers, lengths of time."""

from __future__ import annotations

import re
from decimal import Decimal

from dsl.calendar import Duration
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import read_duration
from dsl.files.reading import error
from dsl.source import Text

__all__ = ["SHARE", "duration", "read_share", "read_whole", "share_of"]

SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%")


def share_of(text: str) -> Decimal | None:
    """``5%`` as 0.05; None if it is no share between 0 and 100 per cent."""
    found = SHARE.fullmatch(text)
    share = None if found is None else Decimal(found[1]) / 100
    return share if share is None or share <= 1 else None


def read_share(text: Text | None, found: list[Diagnostic]) -> Decimal:
    """A share in per cent; 0 if there is none."""
    if text is None:
        return Decimal(0)
    share = share_of(text)
    if share is None:
        found.append(
            error("S10", text.span(), f'"{text[:40]}" is not a share.', "For example: 10%")
        )
        return Decimal(0)
    return share


def read_whole(text: Text, low: int, high: int, found: list[Diagnostic], *, default: int) -> int:
    """A whole number from ``low`` to ``high``."""
    if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
        return int(text)
    found.append(
        error(
            "S10",
            text.span(),
            f'"{text[:40]}" is not possible here.',
            f"A whole number from {low} to {high}.",
        )
    )
    return default


def duration(text: Text | None, default: Duration, found: list[Diagnostic]) -> Duration:
    """A length of time that does not depend on the person."""
    if text is None:
        return default
    return read_duration(text, found) or default
