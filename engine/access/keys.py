"""Making, rotating and revoking keys. Their texts are seen once, by whoever makes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from secrets import token_hex, token_urlsafe
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.keys import Key, KeyKind, Scope, hashed, standing_of
from engine.operator import OperatorError
from engine.store.keys import StoredKeys

__all__ = ["Wanted", "made", "revoke", "rotate"]

_SITE = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|\*")


class Wanted(NamedTuple):
    """A key to be made, as ``Key`` has it."""

    name: str
    kind: KeyKind = "server"
    scopes: Sequence[Scope] = (Scope.INGEST,)
    expires: Instant | None = None
    sites: Sequence[str] = ()
    origin: str = ""
    rate: int = 0


def made(keys: StoredKeys, wanted: Wanted, now: Instant) -> str:
    """Makes a key, and gives its text. Raises ``OperatorError`` for one that cannot be."""
    _check(wanted)
    text = _text(wanted.kind)
    key = Key(
        hashed(text),
        token_hex(4),
        wanted.name,
        wanted.kind,
        tuple(dict.fromkeys(str(scope) for scope in wanted.scopes)),
        text[-4:],
        now,
        wanted.expires,
        None,
        tuple(site.lower().rstrip("/") for site in wanted.sites),
        wanted.origin,
        wanted.rate,
    )

    def change(known: Sequence[Key]) -> Iterable[Key]:
        if any(each.name == wanted.name for each in known if standing_of(each, now) == "valid"):
            raise OperatorError(
                f"There is a key {wanted.name} already: choose another name, or say wayline keys"
                f" rotate {wanted.name}."
            )
        return [key]

    keys.turn(change)
    return text


def rotate(keys: StoredKeys, name: str, now: Instant, until: Instant) -> str:
    """Gives a key another text, which lasts as long as the one before did when it was made; that one
    is valid until then at the latest. The new text. Raises ``OperatorError``.
    """
    text = ""

    def change(known: Sequence[Key]) -> Iterable[Key]:
        nonlocal text
        valid = [key for key in known if key.name == name and standing_of(key, now) == "valid"]
        if not valid:
            raise OperatorError(_nobody(known, name))
        *earlier, last = valid
        if earlier:
            raise OperatorError(
                f"{name} has been rotated, and both of its keys are valid: revoke the earlier one"
                f" first (wayline keys revoke {name} --ending {earlier[0].last})."
            )
        text = _text(last.kind)
        expires = None if last.expires is None else now + last.expires - last.created
        ends = until if last.expires is None else min(until, last.expires)
        return [
            last._replace(expires=ends),
            last._replace(hash=hashed(text), last=text[-4:], created=now, expires=expires),
        ]

    keys.turn(change)
    return text


def revoke(keys: StoredKeys, name: str, now: Instant, ending: str | None = None) -> int:
    """Lets a key be valid no more: all that have the name, or the one with this ending. How many.
    Raises ``OperatorError`` if there is none.
    """
    count = 0

    def change(known: Sequence[Key]) -> Iterable[Key]:
        nonlocal count
        found = [
            key
            for key in known
            if key.name == name and key.revoked is None and (ending is None or key.last == ending)
        ]
        if not found:
            raise OperatorError(_nobody(known, name, ending))
        count = len(found)
        return [key._replace(revoked=now) for key in found]

    keys.turn(change)
    return count


def _check(wanted: Wanted) -> None:
    if not wanted.name.strip() or not wanted.name.isprintable():
        raise OperatorError("A key needs a name, to be told from others.")
    if not wanted.scopes:
        raise OperatorError("A key needs a scope: ingest, read, write or admin.")
    browser = wanted.kind == "browser"
    if browser and any(scope != Scope.INGEST for scope in wanted.scopes):
        raise OperatorError(
            "A browser's key stands in a page for everybody to read, so it can only have the scope"
            " ingest."
        )
    if browser and not wanted.sites:
        raise OperatorError(
            "Say on which pages a browser's key may stand (--site https://shop.example), or --site"
            ' "*" for any.'
        )
    if wanted.sites and not browser:
        raise OperatorError("Only a browser's key stands in pages: add --browser, or no --site.")
    for site in wanted.sites:
        if _SITE.fullmatch(site.lower().rstrip("/")) is None:
            raise OperatorError(
                f'"{site}" is not the address of a site: write it like https://shop.example, without'
                " what comes after."
            )


def _text(kind: KeyKind) -> str:
    """A new one: 256 bits of chance, and what it is for those who find it lying about."""
    return f"wayline_{kind}_{token_urlsafe(32)}"


def _nobody(known: Iterable[Key], name: str, ending: str | None = None) -> str:
    if ending is not None:
        return f"No key {name} ends in {ending}, or it has been revoked: see wayline keys list."
    if any(key.name == name for key in known):
        return f"No key {name} is valid any more: make one with wayline keys create."
    return f"There is no key {name}: wayline keys list says which there are."
