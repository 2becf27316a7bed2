"""A message as people will see it, before anybody does."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from channels.content import Built, Missing
from dsl.compiler import compile_folder
from dsl.expr.context import Happened
from engine.core.profile import Profile
from engine.core.run import Run
from engine.operator import OperatorError
from engine.preview import (
    Reader,
    Sheet,
    from_document,
    from_store,
    html_preview,
    preview,
    sample_readers,
    told_preview,
)
from engine.store.view import PersonView
from tests.engine.preview.shop import BASE, FILES, NOW, message, previewed, shop

PROJECTS = Path(__file__).parents[2] / "projects"
ADA = {
    "profile": {
        "first_name": "Zoë-Ann",
        "email": "zoe@shop.example",
        "birthday": "1990-05-17",
        "income": 43210.5,
        "tier": "gold",
    },
    "trigger": {"cart_id": "c-7", "note": "for mum", "items": [{"name": "Pot", "price": 49}]},
    "inputs": {"discount": 30},
    "answers": {"similar": {"items": [{"name": "Kettle", "price": 20}]}},
}


def parts(sheet: Sheet) -> dict[str, str]:
    assert isinstance(sheet.built, Built)
    return dict(sheet.built.parts)


def reader(**changed: object) -> Reader:
    project = shop()
    return from_document(project, message(project), {**ADA, **changed}, "ada.json", NOW)


def test_a_message_is_shown_on_each_of_its_channels_to_three_people_who_are_invented() -> None:
    made = previewed(languages=("en", "de"))

    assert made.channels == ("email", "sms", "push", "whatsapp")
    assert len(made.sheets) == 4 * 3 * 2
    assert {sheet.reader.invented for sheet in made.sheets} == {True}
    usual = parts(made.on("email")[0])
    assert usual["subject"] == "Ada, your cart"
    assert "Green tea from Uji: €49.90" in usual["text"]
    for page in ("unsubscribe", "preferences"):
        assert f"https://journeys.shop.example/{page}/preview" in usual["text"]


def test_of_whom_hardly_anything_is_known_all_fallbacks_are_shown() -> None:
    """What would not be sent to them says why."""
    usual, least, _ = previewed().on("email")
    assert isinstance(usual.built, Built)
    assert isinstance(least.built, Built)

    assert usual.built.shown == ("cart", "ideas", "golden", "footer")
    assert least.built.shown == ("classics", "footer")
    assert least.built.degraded == (
        "cart: left out (show if: count of items >= 1)",
        "ideas: replaced by classics (show if: count of similar.items >= 1)",
        'golden: left out (show if: first_name is "Ada")',
    )
    assert parts(least)["subject"] == "Hello, your cart"
    assert previewed().on("push")[1].built == Missing("first_name")


def test_a_value_is_what_the_journey_gives_before_it_is_invented() -> None:
    assert parts(previewed().on("sms")[0])["text"] == "Ada: 15 % off [today]"


def test_a_file_says_who_somebody_is_and_what_happened() -> None:
    made = previewed(None, reader())

    assert parts(made.on("push")[0])["link"] == "shop://cart/c-7"
    assert parts(made.on("sms")[0])["text"] == "Zoë-Ann: 30 % off [today]"
    email = made.on("email")[0]
    assert isinstance(email.built, Built)
    assert "Pot: €49.00" in email.built.parts["text"]
    assert "Kettle" in email.built.parts["text"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"profile": {"frist_name": "Ada"}}, 'Did you mean "first_name"?'),
        ({"profile": {"birthday": "soon"}}, "ada.json:"),
        ({"profile": {}, "history": []}, '"history", which is none of profile, trigger'),
        ({"profile": []}, "x"),
        ({"inputs": {"discount": "much"}}, "should be"),
        ({"trigger": {"card_id": "c"}}, 'Did you mean "cart_id"?'),
    ],
)
def test_a_file_that_cannot_be_meant_is_one_sentence(
    document: dict[str, object], words: str
) -> None:
    project = shop()
    if words == "x":
        document = {"profile": [1]}
        words = "should be names with values"

    with pytest.raises(OperatorError) as raised:
        from_document(project, message(project), document, "ada.json", NOW)

    assert words in str(raised.value)


def test_attributes_can_stand_in_a_file_by_themselves() -> None:
    project = shop()
    made = from_document(project, message(project), {"first_name": "Bea"}, "bea.json", NOW)

    assert made.profile.attributes == {"first_name": "Bea"}


def test_personal_values_are_masked_and_texts_keep_their_length() -> None:
    """A ë makes a text message wide whoever it belongs to, so it stays."""
    project, open_ = shop(), reader()
    hidden = open_.masked(project)
    made, truly = previewed(project, hidden), previewed(project, open_)

    assert hidden.profile.attributes == {
        "first_name": "Z*ë-***",
        "email": "z**@****.*******",
        "birthday": "1990-01-01",
        "income": 4000000,
        "tier": "gold",
    }
    trigger = hidden.run.trigger if hidden.run else None
    assert trigger is not None
    assert trigger.properties["note"] == "f** ***"
    assert trigger.properties["cart_id"] == "c-7"
    masked, plain = (parts(each.on("sms")[0])["text"] for each in (made, truly))
    assert masked == "Z*ë-***: 30 % off [today]"
    assert len(masked) == len(plain)
    page = html_preview(made, "Shop <news@shop.example>")
    assert "Zoë-Ann" not in page
    assert "What is personal is masked." in page
    assert "This page shows personal data." in html_preview(truly, "x")


def test_it_is_said_when_a_mask_shows_other_modules() -> None:
    project = shop()
    ada = from_document(project, message(project), {"profile": {"first_name": "Ada"}}, "a", NOW)
    sheet = previewed(project, ada.masked(project)).on("email")[0]

    assert sheet.otherwise
    assert not previewed(project, reader().masked(project)).on("email")[0].otherwise
    assert "other modules are shown" in html_preview(previewed(project, ada.masked(project)), "x")


def test_somebody_who_is_known_is_shown_what_started_their_journey() -> None:
    project = shop()
    profile = Profile("ada", {"first_name": "Ada", "language": "de"})
    happened = Happened("cart_updated", NOW - 5, NOW - 5, 3, {"cart_id": "c-3", "items": []})
    run = Run("r1", "ada", "cart", "", "", NOW, happened._replace(properties={"cart_id": "c-9"}))

    def shown(view: PersonView) -> str:
        known = from_store(project, message(project), view, "ada", NOW)
        return parts(previewed(project, known, languages=()).on("push")[0])["body"]

    assert shown(PersonView(profile, [run], {})) == "Ada: c-9"
    assert shown(PersonView(profile, [], {"cart_updated": [happened]})) == "Ada: c-3"
    assert shown(PersonView(profile, [], {})) == "Ada: A-1047"
    known = from_store(project, message(project), PersonView(profile, [], {}), "ada", NOW)
    assert previewed(project, known, languages=()).languages == ("de",)


# --------------------------------------------------------------------------------------- the page


def test_a_page_needs_nothing_else_and_lets_nothing_run() -> None:
    page = html_preview(previewed(languages=("en", "de")), "Shop <news@shop.example>")

    assert "<script" not in page
    assert set(re.findall(r"<iframe (\w+)", page)) == {"sandbox"}
    assert not re.search(r"<(link|img)[^>]+(href|src)=\"http", page)
    assert "Shop &lt;news@shop.example&gt;" in page


def test_what_an_author_or_a_person_writes_stays_in_its_place() -> None:
    hostile = '"></iframe><script>alert(1)</script>{{ 7*7 }}'
    messages = FILES["messages.yaml"].replace(
        "We kept it.", f"'{hostile.split('{{', maxsplit=1)[0]}'"
    )
    project = shop(messages=messages)
    ada = from_document(
        project, message(project), {"profile": {"first_name": hostile}, "inputs": {}}, hostile, NOW
    )
    page = html_preview(previewed(project, ada), hostile)

    assert "<script" not in page
    assert "49" not in re.findall(r"Subject</dt><dd[^>]*>([^<]*)", page)[0]
    for frame in re.findall(r'srcdoc="([^"]*)"', page):
        assert "<script" not in unescape(frame)


def test_the_page_counts_parts_and_marks_what_makes_them_wide() -> None:
    long = FILES["messages.yaml"].replace("– nur heute 🎉", "– nur heute 🎉 " + "x" * 70)
    page = html_preview(previewed(shop(messages=long), languages=("en", "de")), "x")

    assert "1 part, 23 of 160 places, GSM-7" in page  # brackets take the room of two
    assert "<u>[</u>today<u>]</u>" in page
    assert "part 1 of 2" in page
    assert "<mark>🎉</mark>" in page
    assert "Because of – 🎉 each letter takes sixteen bits" in page


def test_the_parameters_of_an_approved_wording_are_set_apart() -> None:
    page = html_preview(previewed(), "x")

    assert 'Hi <span class="value">Ada</span>, <span class="value">15</span> % off.' in page
    assert "approved as <code>cart_v1</code> in en" in page


def test_what_stands_above_and_below_an_approved_wording_is_shown() -> None:
    above = (
        "  header: 'For {{ first_name }}'\n  button: https://shop.example/c/{{ trigger.cart_id }}\n"
    )
    messages = FILES["messages.yaml"] + above
    page = html_preview(previewed(shop(messages=messages)), "x")

    assert '<b class="head">For Ada</b>' in page
    assert 'https://shop.example/c/<span class="value">A-1047</span>' in page


def test_links_are_shown_with_what_is_added_to_them() -> None:
    policy = FILES["policy.yaml"] + "links: {utm: yes}\n"
    messages = FILES["messages.yaml"].replace(
        "- use: golden", "- {button: Buy, link: https://shop.example/buy}"
    )
    made = previewed(shop(policy=policy, messages=messages))

    assert "https://shop.example/buy?utm_source=" in parts(made.on("email")[0])["text"]


def test_what_gmail_would_hide_is_said() -> None:
    many = FILES["messages.yaml"].replace("- use: golden", "- text: " + "word " * 3990)
    modules = FILES["modules.yaml"].replace(
        'show: [{text: "{{ item.name }}"}]', "show: [{text: x}]"
    )
    for _ in range(5):
        many = many.replace(
            "    - use: footer", "    - text: " + "word " * 3990 + "\n    - use: footer", 1
        )
    page = html_preview(previewed(shop(messages=many, modules=modules)), "x")

    assert "Gmail shows only the first 102 KB, and hides the end of this." in page
    assert "Gmail" not in html_preview(previewed(), "x")


def test_the_same_message_gives_the_same_page() -> None:
    assert html_preview(previewed(), "x") == html_preview(previewed(), "x")


def test_a_terminal_is_told_the_same() -> None:
    lines = [line for _, line in told_preview(previewed())]

    assert "email, en, as usual" in lines
    assert "  subject: Ada, your cart" in lines
    assert "  modules: cart, ideas, golden, footer" in lines
    assert "  not sent: first_name" in lines


def test_invented_people_have_what_the_plan_says() -> None:
    project = shop()
    usual, least, longest = sample_readers(project, message(project), NOW)

    assert usual.profile.attributes["first_name"] == "Ada"
    assert least.profile.attributes == {}
    assert longest.profile.attributes["tier"] == "bronze"
    assert least.run is not None
    assert least.run.trigger is not None
    assert least.run.trigger.properties == {"cart_id": "1"}


@pytest.mark.parametrize("folder", ["shop", "hard_cases"])
def test_every_message_can_be_previewed(folder: str) -> None:
    """By everybody who is known well enough, on every channel."""
    project = compile_folder(PROJECTS / folder).project
    assert project is not None
    for each in project.messages.values():
        known = sample_readers(project, each, NOW, ("usual", "longest"))
        made = preview(project, each, known, project.policy.languages[:1], BASE, NOW)

        assert [sheet.built for sheet in made.sheets if isinstance(sheet.built, Missing)] == []
        assert html_preview(made, "Shop").startswith("<!doctype html>")
