"""The parts of a text message are those of what leaves: with tags, and with addresses of ours."""

from __future__ import annotations

import re

import pytest

from tests.dsl.projects import MESSAGES, POLICY, compile_small
from tests.engine.scene import SHOP, Scene, journey

SHORT = "https://shop.example/sale"
LONG = f"https://shop.example/{'s' * 100}"


def found(text: str, policy: str = "", more: str = "", category: str = "promotional") -> list[str]:
    """What is said of a text that one promotional journey sends."""
    compiled = compile_small(
        f"steps:\n  - {{id: hi, send: sale, to: sms, category: {category}}}\n",
        policy=POLICY + policy,
        messages=f'{MESSAGES}  sale:\n    sms: {{text: "{text}"{more}}}\n',
    )
    return [one.message for one in compiled.diagnostics if one.code in ("W121", "M20")]


def two_parts(length: int) -> str:
    words = f"{length} characters with what is done with its links"
    return f"The SMS needs 2 parts in English ({words}, 160 fit)."


def test_as_they_are_written_where_nothing_is_done_with_links() -> None:
    assert found("x" * 130 + " " + SHORT) == []


def test_tags_are_counted() -> None:
    """``?utm_source=sms&utm_medium=promotional&utm_campaign=first&utm_content=sale``."""
    assert found("x" * 130 + " " + SHORT, "links: {utm: yes}\n") == [two_parts(230)]
    assert found("x" * 50 + " " + SHORT, "links: {utm: yes}\n") == []


def test_a_short_address_takes_the_place_of_a_long_one() -> None:
    """And of a short one, too, for which it is longer."""
    assert found("x" * 50 + " " + LONG) != []
    assert found("x" * 50 + " " + LONG, "links: {measure: clicks}\n") == []
    assert found("x" * 130 + " " + SHORT, "links: {measure: clicks}\n") == [two_parts(199)]


def test_only_where_they_are_measured() -> None:
    """What needs no consent is not, unless its category says so."""
    assert found("x" * 130 + " " + SHORT, "links: {measure: clicks}\n", category="service") == []


@pytest.mark.parametrize("policy", ["links: {measure: clicks}\n", "links: {utm: yes}\n"])
def test_our_own_pages_stay_as_they_are(policy: str) -> None:
    text = "x" * 40 + " {{ unsubscribe_link }}"

    assert found(text, policy) == found(text)


def test_more_parts_than_may_be_sent_are_an_error_before_anything_is_sent() -> None:
    (said,) = found("x" * 130 + " " + SHORT, "links: {utm: yes}\n", ", at most: 1 part")

    assert said.startswith("The SMS needs at least 2 parts in English")


@pytest.mark.parametrize("links", ["utm: yes", "measure: clicks", "{utm: yes, measure: clicks}"])
def test_it_is_what_leaves(links: str) -> None:
    """Our addresses are as long as they say in the place where they are."""
    policy = f"links: {links}\n" if links.startswith("{") else f"links: {{{links}}}\n"
    messages = f'  sale:\n    sms: {{text: {{en: "{"x" * 130} {SHORT}"}}}}\n'
    scene = Scene(
        journey("\n  - {id: greet, send: sale, to: sms}\n"),
        files={"messages.yaml": SHOP["messages.yaml"] + messages},
        policy=policy,
    )
    scene.person(phone="+4930123456")
    scene.event("signed_up")
    scene.settle()
    (sent,) = scene.adapter.messages
    (said,) = found("x" * 130 + " " + SHORT, policy)

    if "clicks" in links:
        assert re.fullmatch(r"x{130} https://go\.example/c/\S+", sent.parts["text"])
        assert said == two_parts(130 + 1 + len("https://journeys.shop.example/c/") + 36)
    else:
        campaign = len("first") - len("welcome")  # what the two journeys are called
        assert said == two_parts(len(sent.parts["text"]) + campaign)
