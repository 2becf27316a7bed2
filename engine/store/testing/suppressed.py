"""Addresses that are not written to any more: who has one is found."""

from __future__ import annotations

from engine.core.profile import Contact, Profile, Trouble
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit

__all__ = ["TestSuppressed"]


def _put(store: Store, *profiles: Profile) -> None:
    commit(store, Changes(profiles=list(profiles)), [each.id for each in profiles])


class TestSuppressed:
    """What an operator lists."""

    def test_whoever_has_one_is_found(self, store: Store) -> None:
        gone = Profile(
            "ada",
            addresses={"email": "ada@shop.example"},
            suppressed=frozenset({"email ada@shop.example"}),
            trouble={"email ada@shop.example": Trouble((), 7, "a hard bounce", "a rule")},
        )
        older = Profile("bob", suppressed=frozenset({"bob@shop.example"}))
        soft = Profile("eve", trouble={"email eve@shop.example": Trouble((5,))})
        _put(store, gone, older, soft, Profile("zoe"))

        assert {each.id: each for each in store.suppressed()} == {"ada": gone, "bob": older}

    def test_what_changes_often_is_not_looked_up(self, store: Store) -> None:
        contacts = (Contact("d1", 5, None, "email", "service", "welcome"),)
        _put(store, Profile("ada", contacts=contacts, suppressed=frozenset({"x"}), wake=9))

        (found,) = store.suppressed()
        assert (found.contacts, found.wake) == ((), None)

    def test_everybody_is_looked_at(self, store: Store) -> None:
        names = [f"p{number}" for number in range(2_100)]
        _put(store, *(Profile(name, suppressed=frozenset({name})) for name in names[::7]))

        assert sorted(each.id for each in store.suppressed()) == sorted(names[::7])

    def test_of_nobody_there_is_nothing(self, store: Store) -> None:
        assert list(store.suppressed()) == []
