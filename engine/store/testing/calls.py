"""Questions to web services: asked for, leased, put back, answered."""

from __future__ import annotations

from typing import Any

from dsl.calendar import Instant
from engine.core.effects import CallWebhook
from engine.core.signals import CallAnswered
from engine.store.protocol import CallSettlement, Changes, Store
from engine.store.testing.samples import NUMBERLESS, call, claimed_at_once, commit, process

__all__ = ["TestCalls"]


def _ask(store: Store, *calls: CallWebhook) -> None:
    commit(store, Changes(calls=list(calls)))


def _answer(name: str, received: Instant = 20, **values: Any) -> CallAnswered:
    return CallAnswered(f"{name} answered", "ada", received, NUMBERLESS, name, values)


class TestCalls:
    """From the question to the answer, with everything that can come between."""

    def test_a_whole_call_comes_back_as_it_was(self, store: Store) -> None:
        whole = CallWebhook(
            id="c\x001",
            person="ada",
            journey="welcome",
            run="r1",
            step="loop/task",
            service="crm",
            values={"words": "Grüße \N{SNOWMAN}", "list": [{"a": 1.5}], "yes": True},
            asked=5,
            until=60,
            due=6,
            attempts=2,
        )
        _ask(store, whole)

        assert store.claim_calls(10, 5, lease=20) == [whole._replace(lease=20)]

    def test_calls_are_claimed_in_the_order_of_due_time_then_of_asking(self, store: Store) -> None:
        _ask(store, call("c9", due=7), call("c2", due=9), call("c1", due=7))
        _ask(store, call("c3", due=8), call("c4", due=11))

        first = store.claim_calls(10, 3, lease=20)
        then = store.claim_calls(10, 3, lease=20)

        assert [each.id for each in first] == ["c9", "c1", "c3"]
        assert [each.id for each in then] == ["c2"]

    def test_a_renewed_lease_of_a_call_ends_later(self, store: Store) -> None:
        _ask(store, call("c1"), call("c2", due=30))
        store.claim_calls(10, 5, lease=20)
        store.renew(40, 40)

        assert [each.id for each in store.claim_calls(39, 5, lease=60)] == ["c2"]
        assert [each.id for each in store.claim_calls(40, 5, lease=60)] == ["c1"]

    def test_a_claimed_call_is_nobody_elses_until_its_lease_ends(self, store: Store) -> None:
        _ask(store, call("c1"))
        store.claim_calls(10, 5, lease=20)

        assert store.next_wake() == 20
        assert store.claim_calls(19, 5, lease=40) == []
        assert store.claim_calls(20, 5, lease=40) == [call("c1", lease=40)]

    def test_a_call_that_is_put_back_waits_for_its_new_time(self, store: Store) -> None:
        _ask(store, call("c1"))
        store.claim_calls(10, 5, lease=20)
        store.settle_calls([CallSettlement("c1", 1, 15)])

        assert store.next_wake() == 15
        assert store.claim_calls(14, 5, lease=30) == []
        assert store.claim_calls(15, 5, lease=30) == [call("c1", due=15, attempts=1, lease=30)]

    def test_an_answer_arrives_and_the_call_is_over(self, store: Store) -> None:
        _ask(store, call("c1"))
        store.claim_calls(10, 5, lease=20)
        store.settle_calls([CallSettlement("c1", 1, 10, _answer("c1", ticket="T-1"))])

        assert process(store, 20) == [_answer("c1", ticket="T-1")._replace(number=1)]
        assert store.next_wake() is None
        assert store.claim_calls(1_000, 5, lease=2_000) == []

    def test_a_failure_arrives_as_one(self, store: Store) -> None:
        _ask(store, call("c1"))
        failed = CallAnswered("c1 answered", "ada", 20, NUMBERLESS, "c1", None, "it answered 500")
        store.settle_calls([CallSettlement("c1", 1, 10, failed)])

        assert process(store, 20) == [failed._replace(number=1)]

    def test_the_second_answer_to_a_question_is_ignored(self, store: Store) -> None:
        _ask(store, call("c1"))
        for number in (1, 2):
            store.settle_calls([CallSettlement("c1", 1, 10, _answer("c1", number=number))])
        both = [_answer("c2", number=number) for number in (1, 2)]
        _ask(store, call("c2"))
        store.settle_calls([CallSettlement("c2", 1, 10, each) for each in both])

        answers = [each for each in process(store, 20) if isinstance(each, CallAnswered)]
        assert [(each.call, each.values) for each in answers] == [
            ("c1", {"number": 1}),
            ("c2", {"number": 1}),
        ]

    def test_settling_what_is_not_there_skips_it(self, store: Store) -> None:
        store.settle_calls(
            [CallSettlement("gone", 1, 10, _answer("gone")), CallSettlement("lost", 1, 10)]
        )

        assert process(store, 20) == []
        assert store.people(["ada"], []) == {}
        assert store.claim_calls(100, 5, lease=200) == []

    def test_a_call_asked_for_again_begins_anew(self, store: Store) -> None:
        _ask(store, call("c1"), call("c2"))
        store.claim_calls(10, 5, lease=500)
        again = call("c1", due=30, until=990, values={"score": 4})
        _ask(store, again)

        assert store.claim_calls(100, 5, lease=200) == [again._replace(lease=200)]

    def test_a_call_whose_batch_was_left_is_not_there(self, store: Store) -> None:
        with store.batch() as batch:
            batch.load(["ada"], 10)

        assert store.claim_calls(100, 5, lease=200) == []

    def test_nobody_waits_any_more_for_what_was_out(self, store: Store) -> None:
        _ask(store, call("c1", due=10), call("c2", due=40))
        store.claim_calls(10, 1, lease=500)

        store.reopen_calls(12)

        assert store.next_wake() == 12
        assert store.claim_calls(12, 5, lease=500) == [call("c1", due=12, lease=500)]
        assert [each.id for each in store.claim_calls(40, 5, lease=500)] == ["c2"]

    def test_two_callers_never_get_the_same_call(self, store: Store) -> None:
        names = [f"c{number}" for number in range(100)]
        _ask(store, *[call(name) for name in names])

        claimed = claimed_at_once(lambda: store.claim_calls(10, 7, lease=20))

        assert sorted(claimed) == sorted(names)
