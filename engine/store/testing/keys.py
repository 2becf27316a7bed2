"""Keys: kept as they are, never taken away, and changed by one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Thread

from engine.core.keys import Key
from engine.store.protocol import Store

__all__ = ["TestKeys"]

_SHOP = Key("a" * 64, "0a1b2c3d", "shop", "server", ("ingest", "read"), "wxyz", 5)
_PAGE = Key(
    *("b" * 64, "9f8e7d6c", "Seite Grüße", "browser", ("ingest",), "4321", 6),
    *(70, 50, ("https://shop.example",), "observed", 100),
)


class TestKeys:
    """Who may ask the API for what."""

    def test_there_are_none_to_begin_with(self, store: Store) -> None:
        assert store.keys.known() == []

    def test_keys_are_kept_in_the_order_in_which_they_were_made(self, store: Store) -> None:
        store.keys.turn(lambda _: [_PAGE])
        store.keys.turn(lambda _: [_SHOP])

        assert store.keys.known() == [_SHOP, _PAGE]

    def test_a_key_is_changed_by_its_hash_and_others_are_not(self, store: Store) -> None:
        store.keys.turn(lambda _: [_SHOP, _PAGE])
        seen: list[Sequence[Key]] = []

        def change(known: Sequence[Key]) -> Iterable[Key]:
            seen.append(known)
            return [_SHOP._replace(revoked=9), _SHOP._replace(hash="c" * 64, created=8)]

        store.keys.turn(change)

        assert seen == [[_SHOP, _PAGE]]
        later = _SHOP._replace(hash="c" * 64, created=8)
        assert store.keys.known() == [_SHOP._replace(revoked=9), _PAGE, later]

    def test_whoever_raises_has_changed_nothing(self, store: Store) -> None:
        store.keys.turn(lambda _: [_SHOP])

        def change(_: Sequence[Key]) -> Iterable[Key]:
            yield _PAGE
            raise LookupError

        with suppress(LookupError):
            store.keys.turn(change)

        assert store.keys.known() == [_SHOP]

    def test_nobody_changes_a_key_that_another_is_changing(self, store: Store) -> None:
        store.keys.turn(lambda _: [_SHOP])

        def more(known: Sequence[Key]) -> Iterable[Key]:
            return [known[0]._replace(rate=known[0].rate + 1)]

        def work() -> None:
            for _ in range(20):
                store.keys.turn(more)

        threads = [Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [key.rate for key in store.keys.known()] == [60]
