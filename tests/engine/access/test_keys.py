"""Making, rotating and revoking keys."""

from __future__ import annotations

import re

import pytest

from dsl.calendar import DAY, HOUR
from engine.access.keys import Wanted, made, revoke, rotate
from engine.core.keys import Key, KeyKind, Scope, hashed, may, standing_of
from engine.operator import OperatorError
from engine.store.memory import MemoryStore

NOW = 1_772_355_600_000_000  # 2026-03-01 09:00 UTC
WEEK = 7 * DAY


def by_text(store: MemoryStore) -> dict[str, Key]:
    return {key.hash: key for key in store.keys.known()}


def test_what_is_kept_does_not_let_anybody_in() -> None:
    store = MemoryStore()
    text = made(store.keys, Wanted("shop"), NOW)

    (key,) = store.keys.known()
    assert re.fullmatch(r"wayline_server_[\w-]{43}", text)  # 256 bits
    assert text not in repr(key)
    assert text[15:-4] not in repr(key)
    assert (key.hash, key.last) == (hashed(text), text[-4:])
    assert made(store.keys, Wanted("other"), NOW) != text


def test_a_key_ends_when_it_was_said_to_and_when_it_is_revoked() -> None:
    store = MemoryStore()
    made(store.keys, Wanted("shop", expires=NOW + WEEK), NOW)
    (key,) = store.keys.known()

    assert [standing_of(key, at) for at in (NOW, NOW + WEEK - 1, NOW + WEEK)] == [
        *("valid", "valid", "expired")
    ]
    assert revoke(store.keys, "shop", NOW + 5) == 1
    (key,) = store.keys.known()
    assert standing_of(key, NOW + 5) == "revoked"


def test_two_are_valid_for_a_while_when_a_key_is_rotated() -> None:
    store = MemoryStore()
    first = made(store.keys, Wanted("shop", scopes=(Scope.READ,), expires=NOW + 90 * DAY), NOW)
    second = rotate(store.keys, "shop", NOW + 80 * DAY, NOW + 81 * DAY)

    before, after = by_text(store)[hashed(first)], by_text(store)[hashed(second)]
    assert before.expires == NOW + 81 * DAY
    assert after.expires == NOW + 170 * DAY  # it lasts as long as the first one did
    assert (before.id, before.scopes) == (after.id, after.scopes)  # ids of calls stay what they are


def test_rotating_never_makes_a_key_last_longer() -> None:
    store = MemoryStore()
    first = made(store.keys, Wanted("shop", expires=NOW + HOUR), NOW)
    rotate(store.keys, "shop", NOW + 1, NOW + WEEK)

    assert by_text(store)[hashed(first)].expires == NOW + HOUR


def test_a_key_is_not_rotated_twice_while_three_would_be_valid() -> None:
    store = MemoryStore()
    first = made(store.keys, Wanted("shop"), NOW)
    rotate(store.keys, "shop", NOW + 1, NOW + WEEK)

    with pytest.raises(OperatorError, match=f"wayline keys revoke shop --ending {first[-4:]}"):
        rotate(store.keys, "shop", NOW + 1, NOW + WEEK)
    revoke(store.keys, "shop", NOW + 2, first[-4:])
    rotate(store.keys, "shop", NOW + 3, NOW + WEEK)
    assert revoke(store.keys, "shop", NOW + 4) == 2


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(" "), "needs a name"),
        (Wanted("a", scopes=()), "needs a scope"),
        (Wanted("a", "browser"), "--site https://shop.example"),
        (Wanted("a", "browser", (Scope.READ,), sites=("*",)), "for everybody to read"),
        (Wanted("a", sites=("https://shop.example",)), "add --browser"),
        (Wanted("a", "browser", sites=("shop.example",)), "write it like https://"),
        (Wanted("a", "browser", sites=("https://shop.example/a",)), "write it like https://"),
    ],
)
def test_what_makes_no_sense_is_not_made(wanted: Wanted, said: str) -> None:
    store = MemoryStore()
    with pytest.raises(OperatorError, match=re.escape(said)):
        made(store.keys, wanted, NOW)
    assert store.keys.known() == []


def test_no_two_valid_keys_have_one_name() -> None:
    store = MemoryStore()
    made(store.keys, Wanted("shop"), NOW)
    with pytest.raises(OperatorError, match="There is a key shop already"):
        made(store.keys, Wanted("shop"), NOW)
    revoke(store.keys, "shop", NOW)
    made(store.keys, Wanted("shop"), NOW + 1)

    assert len({key.id for key in store.keys.known()}) == 2


def test_what_is_not_there_is_said_not_to_be() -> None:
    store = MemoryStore()
    made(store.keys, Wanted("shop"), NOW)
    revoke(store.keys, "shop", NOW)

    with pytest.raises(OperatorError, match="There is no key eve"):
        revoke(store.keys, "eve", NOW)
    with pytest.raises(OperatorError, match="No key shop is valid any more"):
        rotate(store.keys, "shop", NOW, NOW)
    with pytest.raises(OperatorError, match="No key shop ends in abcd"):
        revoke(store.keys, "shop", NOW, "abcd")


def test_an_admin_may_do_everything_and_others_what_they_are_for() -> None:
    def key(kind: KeyKind, scope: Scope) -> Key:
        return Key("", "", "", kind, (scope,), "", 0)

    assert all(may(key("server", Scope.ADMIN), scope) for scope in Scope)
    for scope in (Scope.INGEST, Scope.READ, Scope.WRITE):
        assert [each for each in Scope if may(key("server", scope), each)] == [scope]
    assert [each for each in Scope if may(key("browser", Scope.ADMIN), each)] == [Scope.INGEST]
