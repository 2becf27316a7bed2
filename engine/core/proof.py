"""What a word of the consent ledger must bring along to be taken: how it was given, and, where it
was not given to us by the person, from where it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dsl.policy import CUSTOMER_CHANNELS, EVERY, EXISTING_CUSTOMER

__all__ = ["BASES", "METHODS", "NO_GRANTS", "lacking"]

METHODS: Final = (
    "one-click",
    "preference centre",
    "reply",
    "double opt-in",
    "form",
    "paper",
    "telephone",
    "import",
    "api",
    "complaint",
)
"""How a word can have come to us."""

NO_GRANTS: Final = ("complaint",)
"""By which nobody ever agrees."""

BASES: Final = ("consent", EXISTING_CUSTOMER)
"""Why somebody may be written to."""


def lacking(event: str, values: Mapping[str, Any]) -> str | None:
    """Why the consent event ``event`` with these properties is not taken, in one sentence."""
    for name, known in (("method", METHODS), ("basis", BASES)):
        said = values.get(name)
        if said is not None and said not in known:
            return f'"{name}" of {event} must be one of: {", ".join(known)}.'
    if event != "consent_granted":
        return None
    if values.get("method") in NO_GRANTS:
        return f'Nobody agrees by a {values["method"]}: say in "method" how they did.'
    if values.get("basis") == EXISTING_CUSTOMER:
        return _of_a_customer(values)
    if values.get("method") == "import" and not _says(values, "source"):
        return (
            'A consent that is imported needs its proof: name in "source" the form, list or'
            " contract in which it was given."
        )
    return None


def _says(values: Mapping[str, Any], name: str) -> bool:
    """Blanks prove nothing."""
    said = values.get(name)
    return said is not None and bool(str(said).strip())


def _of_a_customer(values: Mapping[str, Any]) -> str | None:
    if not (_says(values, "sale") or _says(values, "source")):
        return 'An existing customer bought something: name the order in "sale".'
    if values.get("category") == EVERY:
        return "Existing customers may be written to about one category, not about all."
    if values.get("channel") not in (None, *CUSTOMER_CHANNELS):
        return (
            f"Existing customers may be written to by {' and '.join(CUSTOMER_CHANNELS)} only;"
            " every other channel needs their consent."
        )
    return None
