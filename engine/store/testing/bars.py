"""What is known against addresses: joined in any order, nobody's, and not readable without a key."""

from __future__ import annotations

from itertools import permutations

from engine.core.bars import Bar
from engine.core.profile import Profile, Trouble
from engine.core.signals import Erased
from engine.store.bars import Recalled
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit, event, process

__all__ = ["TestBars"]

_ADA = ("email", "ada@example.com")
_BOB = ("sms", "+4915112345678")


class TestBars:
    """Bars."""

    def test_of_what_nobody_has_told_nothing_is_known(self, store: Store) -> None:
        assert store.bars.read([_ADA, _BOB]) == {}
        assert store.bars.read([]) == {}
        assert store.bars.count() == 0
        with store.batch() as batch:
            assert batch.bars([_ADA]) == {}

    def test_what_is_told_is_joined_in_whichever_order(self, store: Store) -> None:
        told = [
            Bar(5, "a hard bounce", "r1"),
            Bar(7, "a complaint", "r2"),
            Bar(lifted=6),
            Bar(forgotten=3),
        ]
        for number, order in enumerate(permutations(told)):
            place = ("email", f"{number}@example.com")
            for bar in order:
                store.bars.tell([(place, bar)])

            assert store.bars.read([place]) == {place: Bar(7, "a complaint", "r2", 6, 3)}

    def test_a_batch_tells_with_all_that_it_writes(self, store: Store) -> None:
        bar = Bar(5, "a hard bounce", "r1")
        with store.batch() as batch:
            batch.load(["ada"], 10)
        assert store.bars.read([_ADA]) == {}

        commit(store, Changes([Profile("ada")], bars={_ADA: bar, _BOB: Bar(forgotten=4)}))

        assert store.bars.read([_ADA, _BOB]) == {_ADA: bar, _BOB: Bar(forgotten=4)}
        assert store.bars.count() == 1
        with store.batch() as batch:
            assert batch.bars([_ADA]) == {_ADA: bar}

    def test_it_stays_when_a_person_is_forgotten(self, store: Store) -> None:
        commit(store, Changes([Profile("ada", {}, {"email": _ADA[1]})]))
        store.append([Erased("x1", "ada", 20, NUMBERLESS)])
        with store.batch() as batch:
            (wish,) = batch.load(["ada"], 100)["ada"].pending
            assert isinstance(wish, Erased)
            erased = {"ada": wish.number}
            bars = {_ADA: Bar(forgotten=20)}
            batch.commit(Changes(processed=[wish.number], erased=erased, bars=bars))

        assert store.bars.read([_ADA]) == {_ADA: Bar(forgotten=20)}

    def test_what_arrives_with_it_is_there_with_it(self, store: Store) -> None:
        store.bars.tell([(_ADA, Bar(5)), (_ADA, Bar(3))], [event("e1"), event("e2", "bob")])

        assert store.bars.read([_ADA]) == {_ADA: Bar(5)}
        assert [each.id for each in process(store, 10)] == ["e1", "e2"]

    def test_what_older_versions_knew_of_people_holds_for_whoever_has_the_address(
        self, store: Store
    ) -> None:
        commit(store, Changes(profiles=[*_OLD]), [each.id for each in _OLD])
        store.bars.tell([(_at("lifted"), Bar(lifted=40)), (_at("known"), Bar(30, "a complaint"))])
        store.bars.tell([(_at("gone"), Bar(forgotten=7))])
        told = _recalled(store)

        after = {
            _at("hard"): Bar(20, "a hard bounce", "r1"),
            _at("lifted"): Bar(lifted=40),
            _at("known"): Bar(30, "a complaint"),
            _at("gone"): Bar(_NOW, forgotten=7),
            ("sms", "+4930901820"): Bar(_NOW),
            ("email", "+49 30 901820"): Bar(_NOW),
        }
        assert told == 4
        assert store.bars.read(after) == after
        store.bars.tell([(_at("gone"), Bar(lifted=_NOW + 1))])
        assert _recalled(store) == 0
        assert store.bars.read([_at("gone")])[_at("gone")].since == 0

    def test_what_an_older_version_writes_beside_is_found_the_second_time_round(
        self, store: Store
    ) -> None:
        _recalled(store)
        late = _OLD[0]._replace(id="late", suppressed=frozenset({"email late@example.com"}))
        commit(store, Changes(profiles=[late]), ["late"])
        for _ in range(2):
            _recalled(store)
        found = store.bars.recall(["email"], _NOW, again=True)
        while found.more:
            found = store.bars.recall(["email"], _NOW, again=True)

        assert store.bars.read([_at("late")])[_at("late")].since == _NOW
        assert store.bars.recall(["email"], _NOW, again=True) == Recalled()


_NOW = 1_000


def _at(name: str) -> tuple[str, str]:
    return "email", f"{name}@example.com"


def _old(name: str, *places: str, since: int = 0) -> Profile:
    trouble = {place: Trouble(since=since, cause="a hard bounce", rule="r1") for place in places}
    profile = Profile(name, suppressed=frozenset(places))
    return profile._replace(trouble=trouble) if since else profile


_OLD = (
    _old("ada", "email hard@example.com", since=20),
    _old("bob", "email Lifted@example.com", "email known@example.com", since=25),
    _old("cleo", "email gone@example.com"),
    _old("dora", "+49 30 901820"),  # on which channel, the oldest did not say
    Profile("eve"),
)


def _recalled(store: Store) -> int:
    """A little at a time, by one process after the other."""
    told = 0
    while True:
        found = store.bars.recall(["email", "sms"], _NOW, 2)
        told += found.told
        if not found.more:
            return told
