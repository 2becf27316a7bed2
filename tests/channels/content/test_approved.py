"""What a provider is given of a wording that it has approved."""

from __future__ import annotations

import json
from types import MappingProxyType

from channels.content import Built, Missing
from dsl.approved import Approved
from dsl.message import WhatsAppForm
from tests.channels.content.samples import build, message, person, text

CART = Approved(
    "cart_v3",
    "marketing",
    MappingProxyType({"en_US": "Hi {{1}}, {{2}}.", "de": "Hallo {{1}}, {{2}}."}),
    "text",
    "https://shop.example/c/",
    "policy.yaml:9",
)


def built(form: WhatsAppForm, language: str = "en") -> dict[str, str] | str:
    made = build(message({"whatsapp": form}), "whatsapp", person(language=language))
    return dict(made.parts) if isinstance(made, Built) else made.what


def form(**more: object) -> WhatsAppForm:
    words = text(
        en="Hi {{ first_name }}, {{ points }}.", de="Hallo {{ first_name }}, {{ points }}."
    )
    plain: dict[str, object] = {"approved": CART, **more}
    return WhatsAppForm(words, "cart_v3", None, **plain)  # type: ignore[arg-type]


def test_it_goes_out_in_the_language_in_which_it_was_approved() -> None:
    """Meta knows ``en_US`` and no ``en``, and refuses what it does not know."""
    english, german = built(form(), "en-GB"), built(form(), "de-AT")
    assert isinstance(english, dict)
    assert isinstance(german, dict)

    assert english["language"] == "en_US"
    assert german["language"] == "de"
    assert german["text"] == "Hallo Ada, 12500."


def test_of_two_kinds_of_a_language_the_readers_own_is_taken() -> None:
    two = Approved("a", "utility", MappingProxyType({"en_US": "x", "en_GB": "y"}), "", "", "p:1")

    assert [two.code_for(each) for each in ("en-GB", "en", "en_us")] == ["en_GB", "en_US", "en_US"]


def test_a_text_in_one_language_is_not_claimed_to_be_in_another() -> None:
    """Who wants German and gets English words is sent the template in English."""
    made = built(WhatsAppForm(text(en="Hi {{ first_name }}"), "hello", None), "de")
    assert isinstance(made, dict)

    assert made["language"] == "en"
    everywhere = built(WhatsAppForm(text("Hi {{ first_name }}"), "hello", None), "de")
    assert isinstance(everywhere, dict)
    assert everywhere["language"] == "de"


def test_a_language_in_which_it_was_not_approved_is_not_sent() -> None:
    french = WhatsAppForm(text(fr="{{ points }} {{ points }}"), "cart_v3", None, approved=CART)

    assert built(french, "fr") == "cart_v3 is not approved in fr"


def test_a_wrong_number_of_values_is_not_sent() -> None:
    """The compiler says so first; a project compiled before the template changed does not."""
    one = WhatsAppForm(text("Hi {{ first_name }}"), "cart_v3", None, approved=CART)

    assert built(one) == "cart_v3 takes 2 values, and not 1"


def test_what_stands_above_and_below_is_given_too() -> None:
    made = built(
        form(
            header=text("For {{ first_name }}\n!"),
            button=text("https://shop.example/c/{{ trigger.cart_id }}"),
        )
    )
    assert isinstance(made, dict)

    assert made["header"] == "For Ada !"
    assert json.loads(made["header_parameters"]) == ["Ada"]
    assert made["button"] == "https://shop.example/c/c%207/8%26x"
    assert made["button_end"] == "c%207/8%26x"


def test_a_header_that_is_too_long_is_not_sent() -> None:
    context = person(attributes={"first_name": "x" * 61, "points": 1})
    made = build(message({"whatsapp": form(header=text("{{ first_name }}"))}), "whatsapp", context)

    assert made == Missing("the header has more than the 60 letters that WhatsApp takes")
