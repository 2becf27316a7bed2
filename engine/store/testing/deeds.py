"""The audit log: only ever added to, and nobody is named in it who is forgotten."""

from __future__ import annotations

from engine.core.deeds import PERSON, Deed
from engine.core.profile import Profile
from engine.core.signals import Erased
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit

__all__ = ["TestDeeds"]


def _known(store: Store, *people: str) -> None:
    for person in people:
        commit(store, Changes([Profile(person)]), [person])


def _told(store: Store, whom: str | None = None) -> list[tuple[str, str]]:
    return [(deed.what, deed.whom) for _, deed in store.deeds.read(whom=whom)]


class TestDeeds:
    """Who read or changed what of whom."""

    def test_deeds_come_newest_first_a_page_at_a_time(self, store: Store) -> None:
        deeds = [Deed(at, "key shop", f"d{at}", about={"n": at}) for at in range(1, 6)]
        store.deeds.add(deeds[:2])
        store.deeds.add(deeds[2:])
        store.deeds.add([])

        first = store.deeds.read(limit=2)
        rest = store.deeds.read(before=first[-1][0])
        assert [deed for _, deed in (*first, *rest)] == deeds[::-1]

    def test_what_was_done_about_somebody_is_found_by_their_id(self, store: Store) -> None:
        _known(store, "ada", "bob")
        store.deeds.add([Deed(1, "x", "a", "ada"), Deed(2, "x", "b", "bob"), Deed(3, "x", "c")])

        assert _told(store, "ada") == [("a", "ada")]
        assert _told(store, "eve") == []

    def test_who_is_forgotten_is_named_no_more_and_still_found_by_who_asks(
        self, store: Store
    ) -> None:
        _known(store, "zoe", "bob")
        store.deeds.add([Deed(1, "x", "a", "zoe"), Deed(2, "x", "b", "bob")])
        store.append([Erased("x1", "zoe", 20, NUMBERLESS)])
        with store.batch() as batch:
            (wish,) = batch.load(["zoe"], 100)["zoe"].pending
            assert isinstance(wish, Erased)
            batch.commit(Changes(processed=[wish.number], erased={"zoe": wish.number}))
        store.deeds.add([Deed(3, "x", "late", "zoe")])

        assert [what for what, _ in _told(store)] == ["late", "b", "a"]
        late, other, before = (whom for _, whom in _told(store))
        assert late == before
        assert late.startswith(PERSON)
        assert "zoe" not in late
        assert other == "bob"
        assert [what for what, _ in _told(store, "zoe")] == ["late", "a"]

    def test_what_is_old_goes_first_and_only_so_much_at_once(self, store: Store) -> None:
        store.deeds.add([Deed(at, "x", f"d{at}") for at in range(6)])

        gone = [store.deeds.prune(4, 3), store.deeds.prune(4, 3), store.deeds.prune(4, 3)]
        assert gone == [3, 1, 0]
        assert _told(store) == [("d5", ""), ("d4", "")]
