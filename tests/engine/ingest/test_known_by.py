"""People who are known by an address: whose a call is that says nothing else of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dsl.plan import Identifier
from engine.core.signals import Arrival, MergeAsked
from engine.ingest import Intake, Sender
from engine.ingest.sender import NAMING, TRUSTED

from .shop import BROWSER, PLAN, arrivals, call, error, take

ADA = {"email": " Ada@Shop.Example "}
NUMBER = {"phone": "0049 (0)30 901820"}
DEVICE = {"device": {"token": "tok-1"}}


def intake(*identifiers: Identifier) -> Intake:
    return Intake(replace(PLAN, identifiers=identifiers))


def said(*calls: object, sender: Sender = TRUSTED, by: Intake | None = None) -> list[Arrival]:
    return [*arrivals(take(*calls, sender=sender, intake=by or intake("email", "phone", "device")))]


def who(*calls: object, **more: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Whose the calls are, and who is asked to go into whom, in this order."""
    found = said(*calls, **more)
    merges = [(each.person, each.into) for each in found if isinstance(each, MergeAsked)]
    return [each.person for each in found if not isinstance(each, MergeAsked)], merges


def told(traits: dict[str, str], **more: Any) -> dict[str, Any]:
    return call("identify", **{"userId": None, "traits": traits, **more})


@pytest.mark.parametrize("written", ["ada@shop.example", "ADA@shop.example", " Ada@Shop.Example\t"])
def test_whoever_says_an_address_only_is_who_has_it_however_it_is_written(written: str) -> None:
    assert who(told({"email": written})) == (["email:ada@shop.example"], [])


@pytest.mark.parametrize("written", ["+4930901820", "0049 30 901820", "+49 (0)30/901820"])
def test_a_number_is_one_however_it_is_written(written: str) -> None:
    assert who(told({"phone": written})) == (["phone:+4930901820"], [])


def test_the_strongest_is_who_they_are_and_all_else_goes_into_it() -> None:
    made = told({**ADA, **NUMBER}, anonymousId="7c1f", context=DEVICE)

    assert who(made) == (
        ["email:ada@shop.example"],
        [
            ("phone:+4930901820", "email:ada@shop.example"),
            ("anonymous:7c1f", "email:ada@shop.example"),
            ("device:tok-1", "email:ada@shop.example"),
        ],
    )
    assert who({**made, "userId": "ada"})[1] == [
        ("email:ada@shop.example", "ada"),
        ("phone:+4930901820", "ada"),
        ("anonymous:7c1f", "ada"),
        ("device:tok-1", "ada"),
    ]
    assert who(told({}, anonymousId="7c1f", context=DEVICE)) == (
        ["anonymous:7c1f"],
        [("device:tok-1", "anonymous:7c1f")],
    )


@pytest.mark.parametrize("kind", ["track", "page", "screen", "group"])
def test_what_somebody_did_can_say_it_in_its_context(kind: str) -> None:
    """As clients do that put traits there."""
    more = {"event": "Order Completed", "groupId": "acme", "context": {"traits": ADA}}

    assert who(call(kind, **{**more, "userId": None})) == (["email:ada@shop.example"], [])
    assert who(call(kind, **more)) == (["ada"], [("email:ada@shop.example", "ada")])


def test_only_what_the_plan_names_is_a_name() -> None:
    made = told({**ADA, **NUMBER}, anonymousId="7c1f", context=DEVICE)

    assert who(made, by=intake()) == (["anonymous:7c1f"], [])
    assert who(made, by=intake("phone")) == (
        ["phone:+4930901820"],
        [("anonymous:7c1f", "phone:+4930901820")],
    )
    nobody = 'This event has no user: set "userId", {}.'
    for by, ways in (
        (intake(), 'or "anonymousId"'),
        (intake("device"), 'or "anonymousId"'),
        (intake("email", "phone"), '"anonymousId", "traits.email", or "traits.phone"'),
    ):
        assert error(take(call("identify", userId=None), intake=by)) == nobody.format(ways)


def test_what_tells_nobody_apart_is_no_name() -> None:
    """A number without its country is somebody's in every country."""
    by = intake("email", "phone")

    assert "has no user" in error(take(told({"phone": "030 901820"}), intake=by))
    assert who(told({"phone": "030 901820"}, userId="ada"), by=by) == (["ada"], [])
    assert "not an e-mail address" in error(take(told({"email": "x"}, userId="ada"), intake=by))
    long = "a" * 64 + "@" + "b" * 200
    assert who(told({"email": long}, userId="ada"), by=by) == (["ada"], [])
    assert who(told({"email": ""}, userId="ada"), by=by) == (["ada"], [])


def test_it_is_said_once_in_a_batch_and_under_one_id_for_ever() -> None:
    calls = [told(ADA, messageId=f"m-{n}", userId="ada") for n in range(3)]
    first, second = said(*calls), said(*calls, sender=Sender("k1/"))

    assert [type(each).__name__ for each in first].count("MergeAsked") == 1
    assert first[0].id == second[0].id


def test_a_call_that_is_refused_says_nothing() -> None:
    wrong = call("track", event="Nonsense", context={"traits": ADA})

    assert error(take(wrong, intake=intake("email")))


class TestBrowsers:
    """Whoever can be anybody would be whoever they say."""

    def test_nobody_is_known_by_what_a_page_says(self) -> None:
        everything = {"traits": ADA, "context": {**DEVICE, "traits": ADA}}
        made = call("identify", userId=None, anonymousId="7c1f", **everything)

        assert who(made, sender=BROWSER) == (["anonymous:7c1f"], [])
        nobody = {**made, "anonymousId": None}
        refused = error(take(nobody, sender=BROWSER, intake=intake("email")))
        assert refused == 'This event has no user: set "userId", or "anonymousId".'

    def test_nor_does_it_join_an_address_with_anybody(self) -> None:
        context = {**DEVICE, "traits": ADA}
        made = call("track", event="Order Completed", anonymousId="7c1f", context=context)

        assert who(made, sender=BROWSER) == (["ada"], [("anonymous:7c1f", "ada")])


class TestOurOwnApi:
    """It speaks of people by any name that they have, and of nobody else."""

    def test_people_are_named_as_they_are_known(self) -> None:
        for name in ("ada", "email:ada@shop.example", "phone:+4930901820", "anonymous:7c1f"):
            made = call("identify", userId=name, traits={"first_name": "Ada"})
            assert who(made, sender=NAMING) == ([name], [])

    @pytest.mark.parametrize(
        "name", ["email:Ada@shop.example", "email:ada", "phone:030", "device:", "anonymous:"]
    )
    def test_what_nobody_is_called_is_refused(self, name: str) -> None:
        assert "must not begin with" in error(take(call("identify", userId=name), sender=NAMING))


def test_a_user_id_never_begins_as_an_address_does() -> None:
    made = call("identify", userId="email:ada@shop.example")

    assert "must not begin with" in error(take(made, intake=intake("email")))
