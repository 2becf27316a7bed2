"""Calls that say that two ids are one person's: what is asked of the engine then."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.signals import MergeAsked
from engine.ingest import Sender

from .shop import BROWSER, arrivals, call, error, take


def asked(taken: Any) -> list[tuple[str, str, str]]:
    return [
        (each.person, each.into, each.by)
        for each in arrivals(taken)
        if isinstance(each, MergeAsked)
    ]


@pytest.mark.parametrize("kind", ["track", "identify", "page", "screen", "group"])
def test_whoever_gives_both_ids_is_one_person_before_anything_else(kind: str) -> None:
    more = {"event": "Order Completed", "groupId": "acme"}
    taken = take(call(kind, anonymousId="7c1f", **more))

    merge, own = arrivals(taken)
    assert isinstance(merge, MergeAsked)
    assert (merge.person, merge.into) == ("anonymous:7c1f", "ada")
    assert own.person == "ada"
    assert taken.beside == [0]


def test_it_is_said_once_in_a_batch_and_under_one_id_for_ever() -> None:
    calls = [call("identify", messageId=f"m-{n}", anonymousId="7c1f") for n in range(3)]
    first, second = take(*calls), take(*calls, sender=Sender("k1/"))

    assert [len(each.arrivals) for each in (first, second)] == [4, 4]
    assert first.beside == second.beside == [0]
    assert first.arrivals[0].id == second.arrivals[0].id


def test_a_call_that_is_refused_says_nothing() -> None:
    assert error(take(call("track", event="Nonsense", anonymousId="7c1f")))


def test_an_alias_is_said_of_whoever_has_the_id_in_either_way() -> None:
    """The spec does not say which kind of id it gives."""
    taken = take(call("alias", previousId="before"))

    assert asked(taken) == [("anonymous:before", "ada", "alias"), ("before", "ada", "alias")]
    assert taken.beside == [1]


def test_an_id_of_a_kind_of_its_own_can_be_named() -> None:
    assert asked(take(call("alias", previousId="email:ada@example.com"))) == [
        ("email:ada@example.com", "ada", "alias")
    ]


class TestBrowsers:
    """Whoever can be anybody joins only what is not known to be anybody."""

    def test_an_alias_is_of_the_anonymous(self) -> None:
        found = asked(take(call("alias", previousId="bob"), sender=BROWSER))

        assert found == [("anonymous:bob", "ada", "browser")]

    def test_nobody_known_is_named_by_it(self) -> None:
        made = call("alias", previousId="email:bob@example.com")

        assert "cannot make two people who are known one" in error(take(made, sender=BROWSER))

    def test_what_it_says_is_marked_and_does_not_stand_for_what_a_server_says(self) -> None:
        made = call("identify", anonymousId="7c1f")
        browser, server = take(made, sender=BROWSER).arrivals[0], take(made).arrivals[0]

        assert isinstance(browser, MergeAsked)
        assert browser.by == "browser"
        assert browser.id != server.id


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"previousId": None}, 'in "previousId"'),
        ({"previousId": "x" * 250}, '"previousId" must be text of at most 246'),
        ({"previousId": ["x"]}, '"previousId" must be text'),
        ({"previousId": "b", "userId": None}, 'has now in "userId"'),
        ({"previousId": "b", "userId": "anonymous:1"}, 'must not begin with "anonymous:"'),
        ({"previousId": "b", "timestamp": "soon"}, '"timestamp" is not a date'),
    ],
)
def test_an_alias_of_nobody_is_refused(more: dict[str, Any], said: str) -> None:
    assert said in error(take(call("alias", **more)))
