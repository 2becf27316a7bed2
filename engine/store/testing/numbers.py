"""Telephone numbers: whose they are, and what was said from them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Thread

from dsl.calendar import Instant
from engine.core.numbers import Said
from engine.core.profile import Identity, Profile
from engine.core.signals import Arrival, Erased
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit, event, process

__all__ = ["TestNumbers"]

_NUMBER = "+4915112345678"


def _person(name: str, **addresses: str) -> Changes:
    return Changes(profiles=[Profile(name, {}, addresses)])


def _hear(
    store: Store, arrivals: Sequence[Arrival] = (), at: Instant = 5, channel: str = "sms"
) -> tuple[int, Said]:
    """Lets a number say stop; what it had said before."""
    seen: list[Said] = []

    def tell(said: Said) -> tuple[Said, Sequence[Arrival]]:
        seen.append(said)
        return said.hearing(f"m{at}")._replace(stopped=at), arrivals

    people = {each.person for each in arrivals}
    return store.numbers.hear(channel, _NUMBER, people, tell), seen[-1]


class TestNumbers:
    """People by their numbers, and the last word of a number."""

    def test_whoever_has_a_number_is_found_by_it_however_it_is_written(self, store: Store) -> None:
        commit(store, _person("bob", whatsapp="0049 (0)151 / 1234 5678", email="bob@example.com"))
        commit(store, _person("ada", sms="+49 151 12345678", whatsapp="+49 151 12345678"))
        commit(store, _person("eve", sms="+49 151 12345679", push=_NUMBER[1:]))

        assert store.numbers.people(_NUMBER) == ["ada", "bob"]
        assert store.numbers.people("+4930") == []

    def test_whoever_has_an_e_mail_address_is_found_by_it_however_it_is_written(
        self, store: Store
    ) -> None:
        commit(store, _person("ada", email="Ada@Shop.Example", sms=_NUMBER))
        commit(store, _person("bob", email=" ADA@shop.example"))
        commit(store, _person("eve", email="eve@shop.example", push="ada@shop.example"))

        assert store.numbers.people("ada@shop.example") == ["ada", "bob"]
        commit(store, _person("ada", email="ada@home.example", sms=_NUMBER), ["ada"])
        assert store.numbers.people("ada@shop.example") == ["bob"]
        assert store.numbers.people("ada@home.example") == ["ada"]
        assert store.numbers.people(_NUMBER) == ["ada"]

    def test_whoever_became_one_with_another_is_found_by_what_was_kept_beside(
        self, store: Store
    ) -> None:
        beside = {"email ada@home.example": 3, "sms +49 30 123456": 2}
        told = Profile("ada", {}, {"email": "ada@shop.example"})
        commit(store, Changes(profiles=[told]))
        joined = told._replace(addresses=dict(told.addresses), identity=Identity(also=beside))
        commit(store, Changes(profiles=[joined]), ["ada"])

        for each in ("ada@shop.example", "ada@home.example", "+4930123456"):
            assert store.numbers.people(each) == ["ada"]

    def test_who_has_another_number_is_not_found_by_the_old_one(self, store: Store) -> None:
        commit(store, _person("ada", sms=_NUMBER))
        commit(store, _person("ada", sms="+49 30 123456"), ["ada"])

        assert store.numbers.people(_NUMBER) == []
        assert store.numbers.people("+4930123456") == ["ada"]

    def test_who_is_forgotten_has_no_number(self, store: Store) -> None:
        commit(store, _person("ada", sms=_NUMBER))
        commit(store, _person("bob", sms=_NUMBER))
        store.append([Erased("x1", "ada", 20, NUMBERLESS)])
        with store.batch() as batch:
            (wish,) = batch.load(["ada"], 100)["ada"].pending
            assert isinstance(wish, Erased)
            batch.commit(Changes(processed=[wish.number], erased={"ada": wish.number}))

        assert store.numbers.people(_NUMBER) == ["bob"]

    def test_what_a_number_said_is_kept_by_channel(self, store: Store) -> None:
        assert store.numbers.said([("sms", _NUMBER)]) == {}
        assert _hear(store) == (0, Said())
        assert _hear(store, at=7) == (0, Said(stopped=5).hearing("m5"))

        found = store.numbers.said([("sms", _NUMBER), ("whatsapp", _NUMBER), ("sms", "+4930")])
        assert found == {("sms", _NUMBER): Said(stopped=7).hearing("m5").hearing("m7")}
        with store.batch() as batch:
            assert batch.said([("sms", _NUMBER)]) == found
            assert batch.said([]) == {}

    def test_what_arrives_with_it_is_there_with_it(self, store: Store) -> None:
        commit(store, _person("ada", sms=_NUMBER))
        arrivals = [event("e1"), event("e2", "bob")]

        assert _hear(store, arrivals)[0] == 2
        assert _hear(store, arrivals)[0] == 0
        assert [each.id for each in process(store, 10)] == ["e1", "e2"]

    def test_if_it_cannot_be_told_nothing_has_happened(self, store: Store) -> None:
        def tell(_: Said) -> tuple[Said, Sequence[Arrival]]:
            raise KeyError("broken")

        try:
            store.numbers.hear("sms", _NUMBER, ["ada"], tell)
        except KeyError:
            assert store.numbers.said([("sms", _NUMBER)]) in ({}, {("sms", _NUMBER): Said()})
        else:
            raise AssertionError("what was raised is gone")
        assert _hear(store) == (0, Said())

    def test_a_number_is_heard_by_one_at_a_time(self, store: Store) -> None:
        """Twelve at once, and not one of them is lost."""
        threads = [Thread(target=_hear, args=(store, [event(f"e{n}")], n)) for n in range(1, 13)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        (said,) = store.numbers.said([("sms", _NUMBER)]).values()
        assert len(set(said.heard)) == 12
        assert len(process(store, 10)) == 12
