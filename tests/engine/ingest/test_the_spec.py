"""The calls of the Segment spec beyond ``track`` and ``identify``, and what comes in a context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.ingest import Sender
from engine.ingest.intake import Intake

from .shop import PLAN, call, change, error, event, take

CONTEXT: Mapping[str, Any] = {
    "ip": "192.0.2.7",
    "userAgent": "Mozilla/5.0",
    "locale": "de-AT",
    "timezone": "Europe/Vienna",
    "campaign": {"name": "spring", "source": "newsletter"},
    "page": {"url": "https://shop.example/", "title": "Shop"},
}


class TestPages:
    """``page`` and ``screen``: events that the plan takes by these names."""

    def test_a_page_is_the_event_that_is_from_page(self) -> None:
        found = event(take(call("page", name="Home", category="Shop", properties={"x": 1})))

        assert found.event.name == "page_seen"
        assert found.event.properties == {"name": "Home", "category": "Shop"}

    def test_a_page_with_an_event_of_its_own_is_that(self) -> None:
        found = event(take(call("page", name="Pricing", properties={"plan": "pro"})))

        assert (found.event.name, found.event.properties) == ("pricing_seen", {"plan": "pro"})

    def test_what_a_call_says_of_its_name_goes_before(self) -> None:
        found = event(take(call("page", name="Home", properties={"name": "Start"})))

        assert found.event.properties == {"name": "Start"}

    def test_a_screen_is_no_page(self) -> None:
        assert event(take(call("screen", name="Pricing"))).event.name == "screen_seen"

    def test_where_the_plan_has_none_it_is_said_how_to_have_one(self) -> None:
        events = {name: each for name, each in PLAN.events.items() if name != "page_seen"}
        intake = Intake(type(PLAN)("shop", PLAN.attributes, events))

        said = error(take(call("page", name="Home"), intake=intake))
        assert (
            said == 'The tracking plan takes no "page" calls: declare an event with "from: page".'
        )

    @pytest.mark.parametrize("name", [7, ["Home"], {"a": 1}])
    def test_a_name_that_is_no_text_is_refused(self, name: object) -> None:
        assert '"name" should be text' in error(take(call("page", name=name)))


class TestGroups:
    """``group``: attributes of the person that begin with ``group_``."""

    def test_what_is_told_of_a_group_is_told_of_who_belongs_to_it(self) -> None:
        traits = {"plan": "pro", "seatsLeft": 3, "name": "ACME", "id": "other"}
        taken = take(call("group", groupId="acme", traits=traits))

        expected = {"group_id": "acme", "group_plan": "pro", "group_seats_left": 3}
        assert change(taken).attributes == expected
        assert taken.ignored == {"group name": 1}

    def test_a_group_needs_an_id(self) -> None:
        assert 'needs the id of the group in "groupId"' in error(take(call("group")))

    def test_a_number_is_an_id_as_well(self) -> None:
        assert change(take(call("group", groupId=42))).attributes == {"group_id": "42"}


class TestWho:
    """A user id, an anonymous id, or both."""

    @pytest.mark.parametrize("kind", ["track", "identify", "page", "screen", "group"])
    def test_who_has_an_anonymous_id_only_is_called_by_it(self, kind: str) -> None:
        more = {"event": "Order Completed", "groupId": "acme"}
        taken = take(call(kind, userId=None, anonymousId="7c1f", **more))

        (found,) = taken.arrivals
        assert found.person == "anonymous:7c1f"

    @pytest.mark.parametrize(
        "user", ["anonymous:7c1f", "email:ada@example.com", "phone:", "device:x"]
    )
    def test_no_user_id_means_another_kind_of_id(self, user: str) -> None:
        said = error(take(call("identify", userId=user)))

        assert said.startswith(f'"userId" must not begin with "{user.partition(":")[0]}:"')

    @pytest.mark.parametrize("user", ["anonymous", "emails:1", "Anonymous:1", "urn:device:1"])
    def test_others_may_have_colons(self, user: str) -> None:
        assert change(take(call("identify", userId=user))).person == user

    @pytest.mark.parametrize("anonymous", ["x" * 247, ["x"], {"a": 1}, "a\x00b", True])
    def test_what_is_no_anonymous_id_is_refused(self, anonymous: object) -> None:
        said = error(take(call("identify", userId=None, anonymousId=anonymous)))

        assert said.startswith('"anonymousId" must be text')

    @pytest.mark.parametrize("nothing", [None, "", "  "])
    def test_nobody_at_all_is_refused(self, nothing: str | None) -> None:
        said = error(take(call("identify", userId=nothing, anonymousId=nothing)))

        assert said == 'This event has no user: set "userId", or "anonymousId".'


class TestContext:
    """What clients say by themselves is taken where the plan asks for it, and nowhere else."""

    @pytest.mark.parametrize(
        ("made", "expected"),
        [
            (call("track", event="Order Completed"), {"campaign_name": "spring"}),
            (call("page"), {"page_url": "https://shop.example/"}),
            (call("screen"), {"ip": "192.0.2.7", "user_agent": "Mozilla/5.0"}),
            (call("track", event="Opted In"), {}),
        ],
    )
    def test_properties_that_the_plan_has_come_from_it(
        self, made: dict[str, Any], expected: dict[str, str]
    ) -> None:
        assert event(take({**made, "context": CONTEXT})).event.properties == expected

    def test_what_a_call_says_itself_goes_before(self) -> None:
        made = call("track", event="Order Completed", properties={"campaign_name": "own"})

        assert event(take({**made, "context": CONTEXT})).event.properties == {
            "campaign_name": "own"
        }

    @pytest.mark.parametrize("context", [{"campaign": 7}, {"campaign": []}, {"page": None}, {}])
    def test_a_context_of_another_shape_adds_nothing(self, context: dict[str, Any]) -> None:
        made = call("track", event="Order Completed", context=context)

        assert event(take(made)).event.properties == {}

    @pytest.mark.parametrize(
        ("locale", "language"),
        [
            ("de-AT", "de"),
            ("de", "de"),
            ("en_GB", "en"),
            ("pt-BR", "pt-BR"),
            ("fr-FR", None),
            (7, None),
        ],
    )
    def test_language_and_time_zone_of_a_person_come_from_it(
        self, locale: object, language: str | None
    ) -> None:
        context = {"locale": locale, "timezone": "Europe/Vienna"}
        found = change(take(call("identify", traits={}, context=context)))

        expected = {"time_zone": "Europe/Vienna"} | ({"language": language} if language else {})
        assert found.attributes == expected

    def test_what_a_person_told_goes_before(self) -> None:
        found = change(take(call("identify", traits={"language": "en"}, context=CONTEXT)))

        assert found.attributes == {"language": "en", "time_zone": "Europe/Vienna"}

    def test_traits_may_stand_in_the_context(self) -> None:
        found = change(take(call("identify", context={"traits": {"firstName": "Ada"}})))

        assert found.attributes == {"first_name": "Ada"}


class TestKeys:
    """Ids of calls are those of a key, and so is where things come from."""

    def test_two_keys_may_call_two_things_the_same(self) -> None:
        one, two, none = (
            change(take(call("identify"), sender=Sender(prefix))).id
            for prefix in ("k1/", "k2/", "")
        )

        assert (one, two, none) == ("k1/m-1", "k2/m-1", "m-1")

    def test_what_is_told_comes_from_where_the_key_says(self) -> None:
        found = change(take(call("identify"), sender=Sender(origin="partner")))

        assert found.origin == "partner"

    def test_what_is_refused_is_called_as_its_sender_calls_it(self) -> None:
        (refused,) = take(call("nonsense"), sender=Sender("k1/")).refused

        assert refused.message_id == "m-1"


def test_a_flood_of_unknown_names_does_not_make_us_search_for_each() -> None:
    """Looking for a name that is close takes a while with a plan of a thousand events."""
    calls = [call("track", event=f"Order Complete {number}") for number in range(2_000)]
    taken = take(*calls)

    hints = [refused for refused in taken.refused if "Did you mean" in refused.error]
    assert (len(taken.refused), len(hints)) == (2_000, 20)
