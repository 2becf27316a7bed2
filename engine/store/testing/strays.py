"""What does not stand in the tracking plan: counted, kept aside within bounds, and let go of."""

from __future__ import annotations

from dsl.calendar import DAY
from engine.core.strays import (
    KEPT_FOR,
    MOST_A_DAY,
    MOST_OF_A_NAME,
    OTHERS,
    Oddity,
    Seen,
    Stray,
)
from engine.store.heard import Appended
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, due, event

__all__ = ["TestStrays"]

NOW = 20_000 * DAY + 7
_TEXT = Oddity("purchase", "total", "text")


def _stray(identity: str, person: str = "ada", *, name: str = "tour", at: int = NOW) -> Stray:
    call = {"type": "track", "userId": person, "event": name, "messageId": identity}
    return Stray(f"k/{identity}", person, name, at, call, "k/", True, "partner", ("a", "b"))


class TestStrays:
    """The room for it."""

    def test_it_is_counted_by_the_day(self, store: Store) -> None:
        store.strays.keep({_TEXT: Seen(2)}, [], NOW)
        store.strays.keep({_TEXT: Seen(3, "abc"), Oddity("x", "", "unknown"): Seen(1)}, [], NOW + 1)
        store.strays.keep({_TEXT: Seen(1, "later")}, [], NOW + DAY)

        day = NOW - 7
        assert store.strays.seen(NOW) == {
            (day, _TEXT): Seen(5, "abc"),
            (day, Oddity("x", "", "unknown")): Seen(1),
            (day + DAY, _TEXT): Seen(1, "later"),
        }
        assert list(store.strays.seen(NOW + DAY)) == [(day + DAY, _TEXT)]

    def test_a_day_tells_so_many_different_ones_apart(self, store: Store) -> None:
        for part in range(3):
            names = range(part * 400, part * 400 + 400)
            store.strays.keep({Oddity(f"e{n}", "", "unknown"): Seen(2) for n in names}, [], NOW)
        store.strays.keep({Oddity("e7", "", "unknown"): Seen(1)}, [], NOW)

        seen = {oddity: told for (_, oddity), told in store.strays.seen(NOW).items()}
        assert len(seen) == MOST_A_DAY + 1
        assert seen[Oddity("e7", "", "unknown")] == Seen(3)
        assert seen[Oddity(OTHERS, "", "")] == Seen(2 * (1200 - MOST_A_DAY))

    def test_calls_are_kept_as_they_came_and_once(self, store: Store) -> None:
        assert store.strays.keep({}, [_stray("1"), _stray("2", "bob")], NOW) == 2
        assert store.strays.keep({}, [_stray("1")], NOW) == 0

        first, second = store.strays.kept(0, 10)
        assert (first.stray, second.stray) == (_stray("1"), _stray("2", "bob"))
        assert store.strays.kept(first.number, 10) == [second]
        store.append([event("e1", "bob")])
        dossier = store.dossier("bob")
        assert dossier is not None
        assert dossier.strays == [_stray("2", "bob")]
        assert store.strays.kept(0, 1) == [first]
        assert store.strays.count() == 2

    def test_of_one_name_only_so_many_are_kept(self, store: Store) -> None:
        many = [_stray(str(n)) for n in range(MOST_OF_A_NAME + 20)]

        assert store.strays.keep({}, many[:150], NOW) == 150
        assert store.strays.keep({}, many[150:], NOW) == MOST_OF_A_NAME - 150
        assert store.strays.keep({}, [_stray("x", name="other")], NOW) == 1

    def test_what_is_old_goes(self, store: Store) -> None:
        store.strays.keep({_TEXT: Seen(1)}, [_stray("1")], NOW)
        later = NOW + KEPT_FOR + 2 * DAY
        store.strays.keep({}, [_stray("2", at=later)], later)

        assert [each.stray.id for each in store.strays.kept(0, 10)] == ["k/2"]
        assert store.strays.seen(0) == {}

    def test_what_becomes_of_them_is_one_transaction(self, store: Store) -> None:
        store.strays.keep({}, [_stray("1"), _stray("2")], NOW)
        first, second = store.strays.kept(0, 10)

        done = store.strays.settle([first.number], [event("k/1")])
        again = store.strays.settle([first.number], [event("k/1")])

        assert (done, again) == (Appended(1, 0), Appended(0, 1))
        assert store.strays.kept(0, 10) == [second]
        assert due(store, 10) == ["ada"]

    def test_they_go_with_their_person(self, store: Store) -> None:
        store.append([event("e1")])
        store.strays.keep({}, [_stray("1"), _stray("2", "bob")], NOW)
        with store.batch() as batch:
            batch.load(["ada"], 10)
            batch.commit(Changes(erased={"ada": NUMBERLESS + 2}))

        assert [each.stray.person for each in store.strays.kept(0, 10)] == ["bob"]
