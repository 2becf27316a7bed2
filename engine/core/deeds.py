"""What somebody did with what is known of people: who read or changed what of whom, and when."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from dsl.calendar import Instant

__all__ = ["PERSON", "Deed"]

PERSON = "person:"
"""Before the names of people who are forgotten: what is left of them in the audit log."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Deed(NamedTuple):
    """``who`` is a key by its name, an operator, or a person by a link; ``what`` is the command or
    the operation; ``whom`` the id of the one person it was about, if it was one. There is nothing
    else of people in ``about``.
    """

    at: Instant
    who: str
    what: str
    whom: str = ""
    about: Mapping[str, Any] = _NOTHING
