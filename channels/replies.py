"""What people write back, or write first, as providers tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dsl.calendar import Instant

__all__ = ["Reply", "Wish", "Word"]

Word: TypeAlias = Literal["stop", "start", "help"]
"""What somebody can say that is to be obeyed, in whatever language they said it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody wrote to us, first or as an answer. ``sender`` is their number in the form of
    E.164, ``key`` the provider's name for the message: told again, it is the same. ``occurred`` is
    0 if the provider does not say when. ``quoted`` is the provider's name of the message of ours
    that it answers, ``button`` what stands behind the button that was pressed. ``word`` is what the
    provider has recognised itself, and ``answered`` says that it answers such words itself.
    """

    channel: str
    sender: str
    key: str
    text: str = ""
    to: str = ""
    occurred: Instant = 0
    quoted: str = ""
    button: str = ""
    word: Word | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody told the provider, and not us, that they want no marketing of ours on a channel any
    more (or again, if not ``stop``). It has no answer.
    """

    channel: str
    sender: str
    key: str
    stop: bool
    occurred: Instant = 0
