"""What is added to links, and which of them lead by way of us, wherever a message has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html.parser import HTMLParser

import pytest

from channels.content import Built, Destination, Occasion
from channels.content.library import Library
from channels.content.linking import Linker, Linking
from dsl.message import (
    Button,
    ChannelForm,
    EmailForm,
    ForEach,
    Html,
    LocalText,
    Module,
    PushForm,
    SmsForm,
    TextBlock,
    WhatsAppForm,
)
from dsl.policy import Measured, Tags

from .samples import ITEMS, message, module, person, text, use

PROMOTION = Occasion("win_back", "promotional")
MEASURED: Mapping[str, frozenset[Measured]] = {
    "promotional": frozenset({"clicks"}),
    "secret": frozenset({"clicks", "opens"}),
}


def click(delivery: str, number: int) -> str:
    return f"https://go.example/c/{delivery}-{number}"


def seen(delivery: str) -> str:
    return f"https://go.example/o/{delivery}"


TAGGED = Linking(tags=Tags())
COUNTED = Linking(None, MEASURED, click, seen)
BOTH = Linking(Tags(), MEASURED, click, seen)


def build(
    form: ChannelForm, linking: Linking, *modules: Module, occasion: Occasion = PROMOTION
) -> Built:
    """As a person gets it, on the one channel it has."""
    (channel,) = [
        name
        for name, kind in {
            "email": EmailForm,
            "sms": SmsForm,
            "push": PushForm,
            "whatsapp": WhatsAppForm,
        }.items()
        if isinstance(form, kind)
    ]
    made = message({channel: form}, *modules)
    library = Library(
        {made.name: made}, ("en",), lambda d: f"https://shop.example/u/{d}", linking=linking
    )
    built = library.build(made.name, channel, person(), {}, "d1", occasion)
    assert isinstance(built, Built), built
    return built


def email(*blocks: object) -> EmailForm:
    return EmailForm(text("Hello"), None, tuple(blocks))  # type: ignore[arg-type]


def hrefs(html: str) -> list[str]:
    """Where a mail program would lead."""
    found: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "a":
                found.append(dict(attrs)["href"] or "")

    Links().feed(html)
    return found


def test_tags_say_where_a_visit_came_from() -> None:
    hero = module("hero", Button(text("Go"), text("https://shop.example/a?x=1&y=2")))
    form = email(
        TextBlock(text("No link here")),
        Button(text("Home"), text("https://shop.example/")),
        use("hero"),
        use("hero"),
    )

    links = hrefs(build(form, TAGGED, hero).parts["html"])

    shared = "utm_source=email&utm_medium=promotional&utm_campaign=win_back&utm_content"
    assert links == [
        f"https://shop.example/?{shared}=cart_reminder/1",
        f"https://shop.example/a?x=1&y=2&{shared}=hero/1",
        f"https://shop.example/a?x=1&y=2&{shared}=hero/1",
    ]


def test_tags_are_named_as_the_policy_names_them() -> None:
    linking = Linking(
        Tags(source="Our news & more", medium="channel", campaign="message", content="")
    )

    built = build(SmsForm(text("https://a.example")), linking)

    assert built.parts["text"] == (
        "https://a.example?utm_source=Our%20news%20%26%20more&utm_medium=sms"
        "&utm_campaign=cart_reminder"
    )


# --------------------------------------------------------------------------- by way of us

PLACES: list[tuple[str, ChannelForm, list[str]]] = [
    (
        "a button, with a value in it",
        email(Button(text("Go"), text("https://shop.example/c/{{ trigger.cart_id }}?a=1"))),
        ["https://shop.example/c/c%207/8%26x?a=1"],
    ),
    (
        "a button, under a condition",
        email(
            Button(
                text("Go"),
                text("https://shop.example/{% if points > 3 %}a?b=1&c=2{% else %}d{% endif %}"),
            )
        ),
        ["https://shop.example/a?b=1&c=2"],
    ),
    (
        "a paragraph",
        email(TextBlock(text("See https://shop.example/a, or (https://shop.example/b)."))),
        ["https://shop.example/a", "https://shop.example/b"],
    ),
    (
        "a paragraph, with values in it",
        email(TextBlock(text("See https://shop.example/{{ points }}/x?n={{ first_name }}. Bye"))),
        ["https://shop.example/12500/x?n=Ada"],
    ),
    (
        "hand-written HTML",
        email(Html(text('<a class="{{ first_name }}" href="https://shop.example/?a={{ points }}&amp;b=2">x</a>'))),
        ["https://shop.example/?a=12500&b=2"],
    ),
    (
        "hand-written HTML in single quotes",
        email(Html(text("<p><A HREF='https://shop.example/'>x</A></p>"))),
        ["https://shop.example/"],
    ),
    (
        "each item of a list",
        email(
            ForEach("item", ITEMS, None, (Button(text("B"), text("https://shop.example/{{ item.product_id }}")),))
        ),
        ["https://shop.example/p1", "https://shop.example/p2"],
    ),
    ("a text message", SmsForm(text("Hi! https://shop.example/{{ points }}!")), ["https://shop.example/12500"]),
    ("free text", WhatsAppForm(text("Hi https://shop.example/?a=1. Bye"), None, None), ["https://shop.example/?a=1"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "to"), [(form, to) for _, form, to in PLACES], ids=[w for w, *_ in PLACES]
)
def test_a_link_leads_by_way_of_us_wherever_it_stands(form: ChannelForm, to: list[str]) -> None:
    built = build(form, COUNTED)

    assert [each.web for each in built.links] == to
    ours = [click("d1", number) for number in range(len(to))]
    if isinstance(form, EmailForm):
        assert hrefs(built.parts["html"]) == ours
    for address in ours:
        assert address in built.parts["text"]
    for address in to:
        assert address not in built.parts["text"]


@pytest.mark.parametrize(
    ("form", "to"), [(form, to) for _, form, to in PLACES], ids=[w for w, *_ in PLACES]
)
def test_a_link_leads_where_its_author_wrote_where_nothing_is_counted(
    form: ChannelForm, to: list[str]
) -> None:
    built = build(form, COUNTED, occasion=Occasion("win_back", "service"))

    assert built.links == ()
    if isinstance(form, EmailForm):
        assert hrefs(built.parts["html"]) == to
    for address in to:
        assert address in built.parts["text"]


def test_words_of_a_link_stay_what_the_author_wrote() -> None:
    built = build(email(TextBlock(text("See https://shop.example/?a=1&b=2 now"))), BOTH)

    assert ">https://shop.example/?a=1&amp;b=2</a>" in built.parts["html"]


def test_html_and_text_share_their_links() -> None:
    form = email(
        Button(text("Go"), text("https://shop.example/a")),
        Button(text("Go"), text("https://shop.example/a")),
    )

    built = build(form, COUNTED)

    assert built.links == (Destination("https://shop.example/a"),)
    assert hrefs(built.parts["html"]) == [click("d1", 0)] * 2


@pytest.mark.parametrize(
    "written",
    [
        "{{ unsubscribe_link }}",
        "{{ unsubscribe_link }}?later",
        "{{ preferences_link }}",
        "{% set a = unsubscribe_link %}{{ a }}",
    ],
)
def test_the_way_out_is_never_touched(written: str) -> None:
    ways: Iterable[ChannelForm] = (
        email(Button(text("Away"), text(written))),
        email(TextBlock(text(written))),
        email(Html(text(f'<a href="{written}">Away</a>'))),
        SmsForm(text(f"Away: {written}")),
    )
    for form in ways:
        built = build(form, BOTH)

        assert built.links == ()
        assert "https://shop.example/u/d1" in built.parts["text"]
        assert "utm_" not in "".join(built.parts.values())


@pytest.mark.parametrize(
    "link", ["mailto:a@shop.example", "tel:+491", "shop://cart", "#top", "https://"]
)
def test_what_is_no_page_of_the_web_is_left_alone(link: str) -> None:
    built = build(
        email(Button(text("Go"), text(link)), Html(text(f'<a href="{link}">x</a>'))), BOTH
    )

    assert hrefs(built.parts["html"]) == [link, link]
    assert built.links == ()


def test_pictures_and_styles_are_no_links() -> None:
    page = '<link href="https://shop.example/a.css"><img src="https://shop.example/b.png">'

    built = build(email(Html(text(page))), BOTH)

    assert page in built.parts["html"]
    assert built.links == ()


@pytest.mark.parametrize(
    ("attribute", "said", "leads"),
    [
        ("https://x.example/a?b=1", "https://go.example/c/d1-0", "https://x.example/a?b=1"),
        ("shop", "shop", None),
        ("https://x.example/ and more", "https://x.example/ and more", None),
    ],
)
def test_a_value_that_is_an_address_is_a_link(attribute: str, said: str, leads: str | None) -> None:
    made = message({"sms": SmsForm(text("{{ first_name }}"))})
    library = Library({made.name: made}, ("en",), str, linking=COUNTED)
    somebody = person(attributes={"first_name": attribute})

    built = library.build(made.name, "sms", somebody, {}, "d1", PROMOTION)

    assert isinstance(built, Built)
    assert built.parts["text"] == said
    assert [each.web for each in built.links] == ([] if leads is None else [leads])


def test_a_value_may_be_the_beginning_of_an_address() -> None:
    made = message(
        {"sms": SmsForm(text("Go to {{ first_name }}/b?c={{ points }}, {{ first_name }}."))}
    )
    library = Library({made.name: made}, ("en",), str, linking=COUNTED)
    somebody = person(attributes={"first_name": "https://x.example", "points": 7})

    built = library.build(made.name, "sms", somebody, {}, "d1", PROMOTION)

    assert isinstance(built, Built)
    assert [each.web for each in built.links] == ["https://x.example/b?c=7", "https://x.example"]
    assert built.parts["text"] == "Go to https://go.example/c/d1-0, https://go.example/c/d1-1."


def test_an_approved_wording_is_sent_as_it_was_approved() -> None:
    form = WhatsAppForm(text("See https://shop.example/{{ points }}"), "offer", None)

    built = build(form, COUNTED)

    assert built.parts["parameters"] == '["12500"]'
    assert built.links == ()


@pytest.mark.parametrize(
    ("link", "button"),
    [
        ("https://shop.example/c/{{ points }}", "12500"),
        ("https://shop.example/{{ points }}?a=1&n={{ first_name }}", "12500?a=1&n=Ada"),
    ],
)
def test_of_the_address_of_an_approved_button_only_what_follows_is_sent(
    link: str, button: str
) -> None:
    form = WhatsAppForm(text("Hi"), "offer", None, button=text(link))

    assert build(form, COUNTED).parts["button_end"] == button
    tagged = build(form, BOTH)
    added = "utm_source=whatsapp&utm_medium=promotional&utm_campaign=win_back&utm_content="
    mark = "&" if "?" in button else "?"
    assert tagged.parts["button_end"] == f"{button}{mark}{added}cart_reminder"
    assert tagged.links == ()


def test_there_are_only_so_many_links_of_ours_in_a_message() -> None:
    linker = Linker(COUNTED, PROMOTION, "m", "email", "d1")
    led = [linker.lead(f"https://shop.example/{number}", "x") for number in range(1200)]

    assert len(linker.destinations) == 1000
    assert led[999] == click("d1", 999)
    assert led[1000] == "https://shop.example/1000"


# ------------------------------------------------------------------------------------- apps


def both(web: str, app: str) -> tuple[LocalText, LocalText]:
    return text(web), text(app)


def test_a_button_that_leads_into_an_app_too_leads_by_way_of_us_to_both() -> None:
    web, app = both("https://shop.example/c/{{ points }}", "shop://c/{{ first_name }}")

    built = build(email(Button(text("Go"), web, app)), COUNTED)

    assert hrefs(built.parts["html"]) == [click("d1", 0)]
    assert built.links == (Destination("https://shop.example/c/12500", "shop://c/Ada"),)


def test_a_button_leads_to_the_web_where_nothing_is_counted() -> None:
    web, app = both("https://shop.example/c", "{% if points %}shop://c?a&b{% endif %}")

    counted, plain = (
        build(email(Button(text("Go"), web, app)), each) for each in (COUNTED, TAGGED)
    )

    assert counted.links == (Destination("https://shop.example/c", "shop://c?a&b"),)
    (link,) = hrefs(plain.parts["html"])
    assert link.startswith("https://shop.example/c?utm_source=email&")


def test_a_notification_opens_the_app_and_has_a_page_for_those_without_it() -> None:
    web, app = both("https://shop.example/c", "shop://c/{{ points }}")

    built = build(PushForm(text("T"), text("B"), web, None, app), BOTH)

    assert built.parts["link"] == "shop://c/12500"
    assert built.parts["web"].startswith("https://shop.example/c?utm_source=push&")
    assert built.links == ()


def test_a_notification_without_an_app_has_one_link() -> None:
    built = build(PushForm(text("T"), text("B"), text("https://shop.example/c"), None), COUNTED)

    assert built.parts == {"title": "T", "body": "B", "link": "https://shop.example/c"}


# ------------------------------------------------------------------------------------ opens


def test_an_opening_is_noticed_only_where_the_policy_says_so() -> None:
    form = email(TextBlock(text("Hello")))

    noticed = build(form, COUNTED, occasion=Occasion("j", "secret")).parts["html"]
    others = [build(form, each).parts["html"] for each in (COUNTED, TAGGED)]

    assert noticed.count('<img src="https://go.example/o/d1" width="1" height="1" alt=""') == 1
    assert noticed.index("/o/d1") < noticed.index("</body>")
    assert all("/o/d1" not in each for each in others)
