"""What a project says of links: what is added to them, what is measured, and where they lead."""

from __future__ import annotations

import pytest

from dsl.catalogue import completed
from dsl.compiler import Compiled, compile_project
from dsl.message import Button, EmailForm, PushForm
from dsl.policy import Policy, Tags


def compiled(policy: str = "", messages: str = "") -> Compiled:
    """The small project of the catalogue with something more in it."""
    more = {"policy.yaml": policy} if policy else {}
    if messages:
        more["more.yaml"] = f"message: more\n{messages}"
    return compile_project(completed(more))


def policy(written: str) -> Policy:
    made = compiled(written)
    assert made.project is not None, made.diagnostics
    return made.project.policy


def told(made: Compiled) -> list[str]:
    return [f"{each.code} {each.message}" for each in made.diagnostics if each.code[0] != "W"]


CATEGORIES = "categories:\n  promotional:{}\n  service: {{consent: not needed{}}}\n"


@pytest.mark.parametrize(
    ("links", "promotional", "service"),
    [
        ("", [], []),
        ("links: {measure: clicks}\n", ["clicks"], []),
        ("links: {measure: [clicks, opens]}\n", ["clicks", "opens"], []),
        ("links: {measure: nothing}\n" + CATEGORIES.format(" {measure: opens}", ""), ["opens"], []),
        ("links: {measure: clicks}\n" + CATEGORIES.format(" {measure: nothing}", ""), [], []),
        ("links: {measure: clicks}\n" + CATEGORIES.format("", ", measure: Clicks"), ["clicks"], ["clicks"]),
    ],
)  # fmt: skip
def test_what_is_measured_is_said_for_all_or_for_a_category(
    links: str, promotional: list[str], service: list[str]
) -> None:
    """Where no consent is needed, only if that category says so itself."""
    categories = policy(links).categories if links else policy("languages: en\n").categories

    assert sorted(categories["promotional"].measures) == promotional
    assert sorted(categories["service"].measures) == service


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("languages: en\n", None),
        ("links: {utm: no}\n", None),
        ("links: {utm: yes}\n", Tags("channel", "category", "journey", "link")),
        (
            "links:\n  utm: {source: newsletter, medium: Channel, content: nothing}\n",
            Tags("newsletter", "channel", "journey", ""),
        ),
    ],
)
def test_what_is_added_to_links_has_usual_names_and_names_of_ones_own(
    written: str, tags: Tags | None
) -> None:
    assert policy(written).tags == tags


@pytest.mark.parametrize(
    ("written", "told_"),
    [
        ("links: {measure: click}\n", 'S09 "click" of messages cannot be measured.'),
        ("links: {utm: perhaps}\n", "S09 This does not say what is added to links."),
        ("links: {utm: {src: x}}\n", 'S04 "src" does not belong to "utm".'),
        ("links: {utm: [yes]}\n", "S09 This does not say what is added to links."),
        ("links: {track: yes}\n", 'S04 "track" does not belong to "links".'),
    ],
)
def test_what_cannot_be_done_with_links_is_said(written: str, told_: str) -> None:
    assert told(compiled(written)) == [told_]


EMAIL = "email:\n  subject: Hi\n  blocks:\n    - button: Go\n      link: {}\n"


def test_a_link_is_an_address_or_one_for_the_web_and_one_for_the_app() -> None:
    made = compiled(
        "languages: en, de\n",
        EMAIL.format("{web: {en: https://a.example, de: https://a.example/de}, app: shop://a}"),
    )

    assert made.project is not None, made.diagnostics
    form = made.project.messages["more"].forms["email"]
    assert isinstance(form, EmailForm)
    (button,) = form.blocks
    assert isinstance(button, Button)
    assert {code: each.text for code, each in button.link.items()} == {
        "en": "https://a.example",
        "de": "https://a.example/de",
    }
    assert button.app is not None
    assert button.app[""].text == "shop://a"


def test_a_link_by_language_is_still_one_address_for_each() -> None:
    made = compiled(
        "languages: en, de\n", EMAIL.format("{en: https://a.example, de: https://a.example/de}")
    )

    assert made.project is not None, made.diagnostics
    form = made.project.messages["more"].forms["email"]
    assert isinstance(form, EmailForm)
    (button,) = form.blocks
    assert isinstance(button, Button)
    assert sorted(button.link) == ["de", "en"]
    assert button.app is None


def test_a_notification_leads_into_the_app_and_to_a_page() -> None:
    push = "push: {title: T, body: B, link: {web: https://a.example, app: 'shop://{{ first_name }}'}}\n"
    made = compiled(messages=push)

    assert made.project is not None, made.diagnostics
    form = made.project.messages["more"].forms["push"]
    assert isinstance(form, PushForm)
    assert form.link is not None
    assert form.app is not None
    assert form.app[""].text == "shop://{{ first_name }}"


@pytest.mark.parametrize(
    ("link", "told_"),
    [
        ("{app: shop://a}", ['S07 "link" needs "web".']),
        ("{web: https://a.example}", ['S07 "link" needs "app".']),
        ("{web: shop://a, app: shop://a}", ['M27 "shop://a" is no page of the web.']),
        ("{web: https://a.example, app: shop://a, de: x}", ['S04 "de" is not known here.']),
        ("{web: 'https://{{ nobody }}', app: shop://a}", ['N01 "nobody" is not known here.']),
    ],
)
def test_what_is_missing_or_wrong_in_a_link_is_said(link: str, told_: list[str]) -> None:
    found = told(compiled(messages=EMAIL.format(link)))

    assert [each.split(" ")[0] for each in found] == [each.split(" ")[0] for each in told_]
