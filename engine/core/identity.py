"""Who somebody is: the names that people go by, which of them may be found to be one person, and
what is refused.

The key of a person is one text. Whoever has a user id is that id; whoever has none goes by the
strongest of what is known of them, behind its kind: ``anonymous:7c1f``. A merge makes one name go
into another, for good. It goes from what says less about a person to what says more, or between two
names of one kind if somebody who may has said so; so nobody who is known ever goes into a device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from dsl.calendar import DAY, Instant
from dsl.plan import Identifier
from engine.core.numbers import mailbox_in, number_in
from engine.core.signals import MergeAsked

__all__ = [
    "AUTHORITIES",
    "BROWSER",
    "IDENTIFIED",
    "MOST_A_DAY",
    "MOST_IN_ALL",
    "PREFIXES",
    "REFUSALS",
    "WITHIN",
    "Kind",
    "Refusal",
    "Union",
    "Unions",
    "identifying",
    "is_name",
    "is_reserved",
    "key_of",
    "kind_of",
    "needs_all",
    "since",
]

Kind: TypeAlias = Literal["user", "email", "phone", "anonymous", "device"]

_STRENGTHS: Final[Mapping[Kind, int]] = {
    "user": 4,
    "email": 3,
    "phone": 2,
    "anonymous": 1,
    "device": 0,
}
PREFIXES: Final[Mapping[str, Kind]] = {
    "email:": "email",
    "phone:": "phone",
    "anonymous:": "anonymous",
    "device:": "device",
}
"""How the key of somebody begins who has no user id. No user id may begin so."""

BROWSER: Final = "browser"
"""Who asks for a merge with a key that everybody can read: of what is not known to be anybody."""

IDENTIFIED: Final[tuple[Identifier, ...]] = ("email", "phone")
"""By which addresses people are looked up."""

AUTHORITIES: Final = frozenset({"alias", "api", "operator"})
"""Who may say that two names of one kind are one person: a server's ``alias``, the API, a command."""

MOST_A_DAY: Final = 100
MOST_IN_ALL: Final = 1_000
WITHIN: Final = DAY
"""How many names may go into one person within that time, and ever. Somebody has a dozen devices in
a year; whoever comes to have thousands is a kiosk, a mistake, or an attack.
"""

Refusal: TypeAlias = Literal[
    "one already", "another's", "the wrong way", "not theirs to say", "too many today", "too many"
]

REFUSALS: Final[Mapping[Refusal, str]] = {
    "one already": "they are one person already",
    "another's": "it belongs to another person already",
    "the wrong way": "more is known of the first than of the second; ask for it the other way round",
    "not theirs to say": "two people who are known are only made one by alias with a server's key,"
    " the API or a command",
    "too many today": f"more than {MOST_A_DAY} within a day have become one with this person",
    "too many": f"more than {MOST_IN_ALL} have become one with this person",
}
"""Why a merge is refused, as people are told."""


def kind_of(person: str) -> Kind:
    """What somebody goes by."""
    prefix, colon, _ = person.partition(":")
    return PREFIXES.get(prefix + colon, "user")


def key_of(kind: Kind, value: str) -> str:
    """The key of whoever has nothing stronger than this."""
    return value if kind == "user" else f"{kind}:{value}"


def identifying(kind: Identifier, address: str) -> str | None:
    """The key of whoever has nothing stronger than this address: the same however people write it.
    None, if it tells nobody apart, as a telephone number without its country.
    """
    plain = _plain(kind, address)
    return None if plain is None else key_of(kind, plain)


def _plain(kind: Identifier, address: str) -> str | None:
    match kind:
        case "email":
            return mailbox_in(address)
        case "phone":
            return number_in(address)
        case "device":
            return address.strip() or None
        case _ as unreachable:
            assert_never(unreachable)


def is_name(person: str) -> bool:
    """Whether somebody may go by this: any user id, and of what people are known by beside one what
    is written as it is here.
    """
    kind = kind_of(person)
    if kind == "user":
        return True
    _, _, value = person.partition(":")
    if kind == "anonymous":
        return bool(value)
    return identifying(kind, value) == person


def is_reserved(user: str) -> bool:
    """Whether a user id would be taken for something else."""
    return user.startswith(tuple(PREFIXES))


def needs_all(asked: MergeAsked) -> bool:
    """Whether this could close a circle with another merge that is under way elsewhere: only names
    of one kind could go into each other.
    """
    return kind_of(asked.person) == kind_of(asked.into)


class Union(NamedTuple):
    """As what a name stands: the person it has gone into at last (or itself), how many names have
    gone into that person, ever and lately, and how many into the name itself.
    """

    root: str
    total: int = 0
    lately: int = 0
    own: int = 0


class Unions:
    """Who has become one with whom, as the store has it, and what one batch adds to that. Moves along
    as merges are decided, so it is mutable on purpose.
    """

    __slots__ = ("_into", "_known", "_lately", "_total")

    def __init__(self, known: Mapping[str, Union]) -> None:
        self._known = known
        self._into: dict[str, str] = {}
        self._total: dict[str, int] = {}
        self._lately: dict[str, int] = {}

    def root(self, name: str) -> str:
        """Whom a name stands for. Nobody goes into themselves, so this ends."""
        known = self._known.get(name)
        root = name if known is None else known.root
        while root in self._into:
            root = self._into[root]
        return root

    def refusal(self, asked: MergeAsked, merged: str) -> Refusal | None:
        """Why a merge is refused, if it is. ``merged``: whom the name has gone into before."""
        root = self.root(asked.into)
        if merged:
            return "one already" if self.root(merged) == root else "another's"
        if root == asked.person:
            return "one already"
        loser, winner = kind_of(asked.person), kind_of(root)
        if _STRENGTHS[loser] > _STRENGTHS[winner]:
            return "the wrong way"
        own = _STRENGTHS[loser] <= _STRENGTHS["anonymous"] < _STRENGTHS[winner]
        if not own and (asked.by == BROWSER or (loser == winner and asked.by not in AUTHORITIES)):
            return "not theirs to say"
        known = self._known.get(root) or self._known.get(asked.into) or Union(root)
        total = known.total + self._total.get(root, 0)
        if total + self._size(asked.person) > MOST_IN_ALL:
            return "too many"
        if known.lately + self._lately.get(root, 0) >= MOST_A_DAY:
            return "too many today"
        return None

    def join(self, loser: str, into: str) -> str:
        """Notes that a name has gone into another. Into whom that is."""
        root = self.root(into)
        self._total[root] = self._total.get(root, 0) + self._size(loser)
        self._lately[root] = self._lately.get(root, 0) + 1
        self._into[loser] = root
        return root

    def _size(self, loser: str) -> int:
        """How many names a merge brings along, itself among them."""
        known = self._known.get(loser)
        return 1 + (0 if known is None else known.own) + self._total.get(loser, 0)


def since(now: Instant) -> Instant:
    """From when on merges count as lately."""
    return now - WITHIN + 1
