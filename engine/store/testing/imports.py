"""Many people at once: known from here on, each of them once, and nobody who is known is touched."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.bars import Bar
from engine.core.knowing import number_of
from engine.core.numbers import number_in
from engine.core.origins import Origin
from engine.core.signals import Arrival, Erased, EventArrived, ProfileChanged
from engine.store.imports import Brought
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, due, event, process

__all__ = ["TestImports"]

_PHONE = "+49 30 901820"
_NUMBER = number_in(_PHONE) or ""


def _known(identity: str, person: str = "ada", **addresses: str) -> ProfileChanged:
    told = {"country": "DE", "line": identity}
    return ProfileChanged(f"past:{identity}", person, 10, NUMBERLESS, told, addresses)


def _did(identity: str, person: str = "ada", *, name: str = "order") -> EventArrived:
    return event(f"past:{identity}", person, name=name, occurred=4)


def _bring(store: Store, lines: Sequence[Arrival], wake: int | None = None) -> Brought:
    return store.imports.bring(lines, "a file", lambda done: f"{done.new} new", wake)


def _pending(store: Store, *people: str) -> list[Arrival]:
    with store.batch() as batch:
        loaded = batch.load(people, 10)
    return [arrival for person in loaded.values() for arrival in person.pending]


class TestImports:
    """People and what they did, from before the store knew them."""

    def test_who_is_new_is_known_at_once(self, store: Store) -> None:
        lines: list[Arrival] = [_known("1", email="ada@example.com"), _did("2"), _did("3", "bob")]
        brought = _bring(store, lines)

        assert brought == Brought(new=2, written=3, waiting=0, repeated=0)
        views = store.people(["ada", "bob"], ["order"])
        assert views["ada"].profile.attributes == {"country": "DE", "line": "1"}
        assert views["ada"].profile.addresses == {"email": "ada@example.com"}
        assert [len(views[name].history["order"]) for name in ("ada", "bob")] == [1, 1]
        assert [due(store, 10), store.next_wake()] == [[], None]
        told = store.dossier("ada")
        assert told is not None
        assert told.origins == dict.fromkeys(("country", "line", "email address"), Origin(10))

    def test_the_later_line_of_a_person_wins(self, store: Store) -> None:
        first = _known("1", email="old@example.com")._replace(attributes={"country": "DE", "n": 1})
        later = _known("2")._replace(attributes={"n": 2})
        _bring(store, [first, later])

        profile = store.people(["ada"], [])["ada"].profile

        assert profile.attributes == {"country": "DE", "n": 2}
        assert profile.addresses == {"email": "old@example.com"}

    def test_of_who_is_known_it_waits_to_be_processed(self, store: Store) -> None:
        store.append([event("e1")])
        process(store, 10)

        brought = _bring(store, [_known("1"), _did("2"), _did("3", "bob")])

        assert brought == Brought(new=1, written=1, waiting=2, repeated=0)
        assert [each.id for each in _pending(store, "ada", "bob")] == ["past:1", "past:2"]

    def test_whose_address_something_is_known_against_waits(self, store: Store) -> None:
        store.bars.tell([(("email", "ada@example.com"), Bar(5, "a complaint"))])

        brought = _bring(store, [_known("1", email="Ada@Example.com"), _did("3", "bob")])

        assert brought == Brought(new=1, written=1, waiting=1, repeated=0)

    def test_what_is_not_plain_waits_with_all_else_of_the_person(self, store: Store) -> None:
        agreed = _did("2", name="consent_granted")
        brought = _bring(store, [_known("1"), agreed, _did("3", "bob")])

        assert brought == Brought(new=1, written=1, waiting=2, repeated=0)
        assert [each.id for each in _pending(store, "ada")] == ["past:1", "past:2"]
        assert due(store, 10) == ["ada"]

    def test_what_was_brought_before_is_recognised(self, store: Store) -> None:
        lines: list[Arrival] = [_known("1"), _did("2"), _did("3", "bob")]
        _bring(store, lines)

        again = _bring(store, [*lines, _did("4", "cleo"), _did("3", "dan")])

        assert (again.written + again.waiting, again.repeated) == (1, 4)
        with store.batch() as batch:
            past = batch.history(["ada", "bob", "cleo", "dan"], ["order"])
        assert [len(each["order"]) for each in past.values()] == [1, 1, 1, 0]

    def test_two_lines_with_one_id_are_one(self, store: Store) -> None:
        brought = _bring(store, [_did("1"), _did("1"), _did("2", "bob")])

        assert (brought.written + brought.waiting, brought.repeated) == (2, 1)

    def test_the_mark_stands_as_far_as_was_written(self, store: Store) -> None:
        assert store.imports.reached("a file") is None

        _bring(store, [_known("1")])
        assert store.imports.reached("a file") == "1 new"
        store.imports.bring([], "a file", lambda _: "the end")
        store.imports.bring([], "another", lambda _: "the beginning")

        assert store.imports.reached("a file") == "the end"
        assert store.imports.marks() == {"a file": "the end", "another": "the beginning"}

    def test_whoever_is_to_be_looked_at_wakes(self, store: Store) -> None:
        _bring(store, [_known("1"), _known("2", "bob")], 7)

        assert store.next_wake() == 7
        assert sorted(due(store, 10)) == ["ada", "bob"]
        with store.batch() as batch:
            loaded = batch.load(["ada", "bob"], 10)
        assert [(each.profile.wake, each.known) for each in loaded.values()] == [(7, True)] * 2

    def test_new_numbers_have_owners(self, store: Store) -> None:
        _bring(store, [_known("1", sms=_PHONE), _known("2", "bob", email="Bob@Shop.example")])
        _bring(store, [_known("3", "eve", sms=_PHONE, email="bob@shop.example")])

        assert store.numbers.people(_NUMBER) == ["ada", "eve"]
        assert store.numbers.people("bob@shop.example") == ["bob", "eve"]

    def test_of_a_number_that_said_something_it_waits(self, store: Store) -> None:
        store.numbers.hear("sms", _NUMBER, [], lambda said: (said._replace(stopped=5), []))

        brought = _bring(store, [_known("1", sms=_PHONE)])

        assert brought == Brought(new=0, written=0, waiting=1, repeated=0)

    def test_later_arrivals_have_higher_numbers(self, store: Store) -> None:
        store.append([event("e1", "bob")])
        _bring(store, [_known("1"), _did("2")])
        store.append([event("e2")])

        with store.batch() as batch:
            past = batch.history(["ada", "bob"], ["order"])

        numbers = [past["bob"]["order"][0].number, *(each.number for each in past["ada"]["order"])]
        assert numbers == sorted(set(numbers))

    def test_who_was_brought_in_can_be_forgotten(self, store: Store) -> None:
        _bring(store, [_known("1", sms=_PHONE), _did("2")], 7)
        store.append([Erased("x", "ada", 9, NUMBERLESS)])
        with store.batch() as batch:
            (number,) = [number_of(each) for each in batch.load(["ada"], 10)["ada"].pending]
            batch.commit(Changes(processed=[number], erased={"ada": number}))

        assert store.people(["ada"], ["order"]) == {}
        assert store.numbers.people(_NUMBER) == []
        assert _bring(store, [_known("1"), _did("2")]).new == 1
