"""Where attributes and addresses come from: what was said last counts, and forgetting takes it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.signals import Erased
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit, event

__all__ = ["TestOrigins"]


def _set(store: Store, person: str, origins: Mapping[str, Origin]) -> None:
    commit(store, Changes([Profile(person)], origins={person: {**origins}}), [person])


def _known(store: Store, *people: str) -> dict[str, dict[str, Origin]]:
    with store.batch() as batch:
        return batch.origins(people)


class TestOrigins:
    """The origin of everything that is known."""

    def test_of_whom_nothing_was_set_nothing_is_known(self, store: Store) -> None:
        commit(store, Changes([Profile("ada")]))

        assert _known(store, "ada", "bob") == {}

    def test_each_name_has_what_was_set_last(self, store: Store) -> None:
        _set(store, "ada", {"city": Origin(5), "email address": Origin(5, "partner")})
        _set(store, "ada", {"city": Origin(3, "observed"), "n": Origin(3, "computed")})
        _set(store, "bob", {"city": Origin(9)})

        assert _known(store, "ada", "bob", "eve") == {
            "ada": {
                "city": Origin(3, "observed"),
                "email address": Origin(5, "partner"),
                "n": Origin(3, "computed"),
            },
            "bob": {"city": Origin(9, "told")},
        }

    def test_they_are_part_of_what_is_known_of_a_person(self, store: Store) -> None:
        _set(store, "ada", {"city": Origin(5, "partner")})

        assert store.pages.origins("ada") == {"city": Origin(5, "partner")}
        assert store.pages.origins("bob") == {}
        dossier = store.dossier("ada")
        assert dossier is not None
        assert dossier.origins == {"city": Origin(5, "partner")}

    def test_who_is_forgotten_has_none(self, store: Store) -> None:
        for person in ("ada", "bob"):
            _set(store, person, {"city": Origin(5)})
        store.append([Erased("x1", "ada", 20, NUMBERLESS), event("e1", received=30)])
        with store.batch() as batch:
            (wish, *_) = batch.load(["ada"], 100)["ada"].pending
            assert isinstance(wish, Erased)
            erased = {"ada": wish.number}
            young = {"ada": {"n": Origin(30)}}
            batch.commit(Changes(processed=[wish.number], erased=erased, origins=young))

        assert _known(store, "ada", "bob") == {
            "ada": {"n": Origin(30)},
            "bob": {"city": Origin(5)},
        }
