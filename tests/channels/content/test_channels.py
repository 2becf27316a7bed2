"""What each channel is given."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from channels.content import Built
from channels.content.languages import Languages
from channels.content.library import Library
from dsl.kinds import ListOf
from dsl.message import (
    Button,
    Divider,
    EmailForm,
    ForEach,
    Html,
    Image,
    PushForm,
    SmsForm,
    TextBlock,
    WhatsAppForm,
)
from tests.channels.content.samples import (
    ITEM,
    ITEMS,
    build,
    library,
    message,
    module,
    person,
    text,
    use,
)


def parts(
    form: EmailForm | PushForm | SmsForm | WhatsAppForm, language: str = "en"
) -> dict[str, str]:
    channel = type(form).__name__.removesuffix("Form").lower()
    built = build(message({channel: form}), channel, person(language=language))
    assert isinstance(built, Built)
    return dict(built.parts)


def test_a_push_has_what_was_written_and_no_more() -> None:
    form = PushForm(
        text("Hi {{ first_name }}\n"),
        text("Line\nline\n"),
        text("shop://c/{{ trigger.cart_id }}"),
        None,
    )

    assert parts(form) == {
        "title": "Hi Ada",
        "body": "Line\nline",
        "link": "shop://c/c%207/8%26x",
    }


def test_values_in_links_are_written_for_machines() -> None:
    form = PushForm(
        text("a"),
        text("b"),
        text("https://shop.example/?v={{ trigger.value }}&t={{ trigger.starts_at }}"),
        None,
    )

    assert parts(form, "de")["link"] == (
        "https://shop.example/?v=1234.50&t=2026-03-01T14%3A00%3A00%2B01%3A00"
    )


def test_free_text_on_whatsapp_is_text() -> None:
    assert parts(WhatsAppForm(text("Hi {{ first_name }}!"), None, None)) == {"text": "Hi Ada!"}


def test_an_approved_template_is_given_its_parameters_in_their_order() -> None:
    words = text(
        en="Hi {{ first_name }}, {{ trigger.value }} by {{ trigger.starts_at }}?",
        de="Bis {{ trigger.starts_at }}, {{ first_name }}: {{ trigger.value }}?",
    )

    made = parts(WhatsAppForm(words, "cart_v2", None), "de-AT")

    assert made["template"] == "cart_v2"
    assert made["language"] == "de"
    assert json.loads(made["parameters"]) == ["1. März 2026, 14:00", "Ada", "€ 1.234,50"]
    assert made["text"] == "Bis 1. März 2026, 14:00, Ada: €\u00a01.234,50?".replace("\u00a0", " ")


def test_the_language_of_an_approved_template_can_be_fixed() -> None:
    made = parts(WhatsAppForm(text("Hi"), "hello", "en-US"), "de")

    assert (made["language"], made["parameters"]) == ("en_US", "[]")


def test_a_parameter_has_one_line() -> None:
    form = WhatsAppForm(text("{{ first_name }}"), "hello", None)
    built = build(
        message({"whatsapp": form}), "whatsapp", person(attributes={"first_name": "A\n\n   b\tc"})
    )

    assert isinstance(built, Built)
    assert json.loads(built.parts["parameters"]) == ["A b c"]


class Tags(HTMLParser):
    """Opens and closes what must be closed, and remembers links, pictures and words."""

    VOID = frozenset({"img", "br", "meta", "link", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.pictures: list[tuple[str, str]] = []
        self.words: list[str] = []
        without_outlook = re.sub(r"<!--\[if [^!].*?<!\[endif\]-->", "", html, flags=re.DOTALL)
        self.feed(without_outlook)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "img":
            self.pictures.append((given.get("src") or "", given.get("alt") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open and self.open[-1] not in {"style", "title"}:
            self.words.append(data.strip())


def test_an_email_is_whole_html_with_plain_text_beside_it() -> None:
    form = EmailForm(
        text("Your cart"),
        text("We saved it"),
        (
            Image(text("https://cdn.shop.example/logo.png"), text("Shop & more")),
            TextBlock(text("Hi {{ first_name }},\n\nread https://shop.example/help.\nBye\n")),
            ForEach(
                "item", ITEMS, 1, (TextBlock(text("{{ item.quantity }} x of {{ item.name }}")),)
            ),
            Button(text("Go on"), text("https://shop.example/c/{{ trigger.cart_id }}")),
            Divider(),
        ),
    )

    made = parts(form)
    page = Tags(made["html"])

    assert page.pictures == [("https://cdn.shop.example/logo.png", "Shop & more")]
    assert page.links == ["https://shop.example/help", "https://shop.example/c/c%207/8%26x"]
    assert page.words == [
        "We saved it",
        "Hi Ada,",
        "read",
        "https://shop.example/help",
        ".",
        "Bye",
        "2 x of Tea <green>",
        "Go on",
    ]
    assert made["html"].startswith('<!doctype html><html lang="en"')
    assert "<title>Your cart</title>" in made["html"]
    assert made["text"] == (
        "[Shop & more]\n\n"
        "Hi Ada,\n\nread https://shop.example/help.\nBye\n\n"
        "2 x of Tea <green>\n\n"
        "Go on: https://shop.example/c/c%207/8%26x\n\n"
        f"{'-' * 40}\n"
    )
    assert sorted(made) == ["html", "preview", "subject", "text"]


def test_the_page_says_its_language() -> None:
    form = EmailForm(text(en="Hello", de="Hallo"), None, ())

    assert '<html lang="de"' in parts(form, "de-CH")["html"]


def test_the_link_to_unsubscribe_leads_back_to_the_delivery() -> None:
    form = EmailForm(text("Hello"), None, (use("footer"),))
    footer = module(
        "footer", TextBlock(text("Away: {{ unsubscribe_link }}")), required_in=frozenset({"email"})
    )
    made = message({"email": form}, footer)
    built = library(made).build(made.name, "email", person(), {}, "abc123")

    assert isinstance(built, Built)
    assert Tags(built.parts["html"]).links == ["https://shop.example/u/abc123"]
    assert built.parts["text"] == "Away: https://shop.example/u/abc123\n"


def test_the_link_to_the_preference_centre_is_another_one() -> None:
    form = SmsForm(text("Away: {{ unsubscribe_link }} Less: {{ preferences_link }}"))
    made = message({"sms": form})
    own = Library(
        {made.name: made},
        ("en",),
        lambda delivery: f"https://shop.example/u/{delivery}",
        preferences=lambda delivery: f"https://shop.example/p/{delivery}",
    )
    built = own.build(made.name, "sms", person(), {}, "d1")

    assert isinstance(built, Built)
    said = "Away: https://shop.example/u/d1 Less: https://shop.example/p/d1"
    assert built.parts["text"] == said


def test_a_link_that_goes_on_in_a_value_is_not_cut() -> None:
    form = EmailForm(text("a"), None, (TextBlock(text("See https://shop.example/c/{{ points }}")),))

    page = Tags(parts(form)["html"])

    assert page.words == ["See", "https://shop.example/c/12500"]
    assert page.links == ["https://shop.example/c/12500"]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<h1>Sale</h1><p>All of <b>it</b>.</p>", "Sale\n\nAll of it.\n"),
        (
            '<a href="https://shop.example/{{ points }}">Shop</a>',
            "Shop (https://shop.example/12500)\n",
        ),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo\n"),
        ("<style>a {}</style>{% if points > 1 %}<b>{{ first_name }}</b>{% endif %}", "Ada\n"),
        ('<img src="x.png" alt="A hat">', "[A hat]\n"),
        ("<b {% if points > 1 %}class='x'{% endif %}>Bold</b>", "Bold\n"),
        ("a&amp;b &lt;c&gt;", "a&b <c>\n"),
    ],
)
def test_hand_written_html_has_its_words_in_plain_text(html: str, words: str) -> None:
    form = EmailForm(text("a"), None, (Html(text(html)),))

    assert parts(form)["text"] == words


def test_headings_are_smaller_than_mail_programs_make_them() -> None:
    form = EmailForm(text("a"), None, (Html(text("<h1>Still here</h1>")),))

    html = parts(form)["html"]

    assert re.search(r'<h1 style="font-size: 26px;[^>]*">Still here</h1>', html)
    assert re.search(r"<style[^>]*>[^<]*h1 \{ font-size: 26px;", html)


def test_small_print_has_enough_contrast_to_be_read() -> None:
    """4.5 to 1 against the page behind it (WCAG 2.1, 1.4.3)."""
    footer = module("footer", TextBlock(text("Bye")), required_in=frozenset({"email"}))
    made = message({"email": EmailForm(text("a"), None, (use("footer"),))}, footer)
    built = library(made).build(made.name, "email", person(), {}, "d1")
    assert isinstance(built, Built)
    small = re.search(r'font-size:13px[^"]*color:#(\w{6})[^"]*"><p[^>]*>Bye', built.parts["html"])
    assert small is not None

    assert contrast(small[1], "f3f4f6") >= 4.5


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, as WCAG counts it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_hand_written_html_goes_as_it_is() -> None:
    form = EmailForm(text("a"), None, (Html(text('<b class="x">{{ first_name }}</b>')),))

    assert '<b class="x">Ada</b>' in parts(form)["html"]


def test_an_email_without_blocks_is_still_one() -> None:
    made = parts(EmailForm(text("Only a subject"), None, ()))

    Tags(made["html"])
    assert made["text"] == "\n"


def test_a_missing_picture_in_a_loop_stops_the_message() -> None:
    block = ForEach(
        "item", ITEMS, None, (Image(text("{{ item.image_url }}"), text("{{ item.name }}")),)
    )
    made = message({"email": EmailForm(text("a"), None, (block,))})

    built = build(made, "email")

    assert isinstance(ITEMS.kind, ListOf)
    assert ITEMS.kind.item == ITEM
    assert not isinstance(built, Built)
    assert built.what == "item.image_url"


def test_a_company_needs_a_language() -> None:
    with pytest.raises(ValueError, match="at least one language"):
        Languages([])
