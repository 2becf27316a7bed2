"""The consent ledger: words are added, and only forgetting the person takes them away."""

from __future__ import annotations

from engine.core.consent import Entry
from engine.core.knowing import number_of
from engine.core.signals import Erased, EventArrived
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, event

__all__ = ["TestConsents"]


def _said(
    identity: str,
    person: str = "ada",
    received: int = 10,
    name: str = "consent_granted",
    **more: str,
) -> EventArrived:
    said = {"category": "news", **more}
    return event(identity, person, received, name=name, occurred=5, properties=said)


def _process(store: Store, now: int = 1_000) -> None:
    """What the runner does with consent, and nothing else."""
    with store.batch() as batch:
        people = batch.load(batch.due(now, 100), now)
        pending = [each for person in people.values() for each in person.pending]
        said = [each for each in pending if isinstance(each, EventArrived)]
        done = [number_of(each) for each in pending]
        batch.commit(Changes(processed=done, consents=said))


def _kept(store: Store, person: str = "ada") -> list[str]:
    return [each.id for each in store.consents(person)]


class TestConsents:
    """What people said about being written to."""

    def test_nobody_has_said_anything(self, store: Store) -> None:
        store.append([event("e1", "bob")])

        assert store.consents("ada") == store.consents("bob") == []

    def test_a_word_is_kept_with_its_proof(self, store: Store) -> None:
        said = _said("c1", channel="email", method="form", source="/news", wording="v3 – Grüße")
        more = {"basis": "existing customer", "actor": "ada", "sale": "4711"}
        full = {**said.event.properties, **more}
        store.append([said._replace(event=said.event._replace(properties=full))])
        before = store.consents("ada")
        _process(store)

        assert before == store.consents("ada")
        assert before == [
            Entry(
                "c1", "ada", "granted", "news", "email", 5, 10, "form", "/news", "v3 – Grüße",
                "existing customer", "ada", "4711",
            )
        ]  # fmt: skip

    def test_words_come_in_the_order_in_which_they_were_heard(self, store: Store) -> None:
        store.append(
            [_said("late", received=30), _said("x", received=20, name="consent_withdrawn")]
        )
        store.append([_said("early", received=10), _said("other", "bob")])
        _process(store, 20)
        store.append([_said("same", received=30, name="consent_requested")])

        assert _kept(store) == ["early", "x", "late", "same"]
        assert [each.word for each in store.consents("ada")] == [
            "granted", "withdrawn", "granted", "pending",
        ]  # fmt: skip

    def test_what_is_said_twice_is_there_once(self, store: Store) -> None:
        for _ in range(2):
            store.append([_said("c1")])
            _process(store)
        with store.batch() as batch:
            batch.commit(Changes(consents=[_numbered(_said("c1"), 1)]))

        assert _kept(store) == ["c1"]

    def test_only_forgetting_somebody_takes_their_words_away(self, store: Store) -> None:
        store.append([_said("c1"), _said("c2", "bob")])
        _process(store)
        store.append([Erased("x1", "ada", 20, NUMBERLESS), _said("c3", received=30)])
        with store.batch() as batch:
            (first, *_) = batch.load(["ada"], 20)["ada"].pending
            through = number_of(first)
            batch.commit(Changes(processed=[through], erased={"ada": through}))

        assert _kept(store) == ["c3"]
        assert _kept(store, "bob") == ["c2"]


def _numbered(said: EventArrived, number: int) -> EventArrived:
    return said._replace(event=said.event._replace(number=number))
