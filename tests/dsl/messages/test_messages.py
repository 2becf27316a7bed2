"""Messages from YAML: what becomes of them, and what their authors are told."""

from __future__ import annotations

import pytest

from channels.content import Built, Missing
from dsl.kinds import Whole
from dsl.machine import fingerprint
from tests.dsl.messages.cart import build, cart_reminder, person
from tests.dsl.messages.shop import shop


def test_the_example_compiles_without_a_finding() -> None:
    made = cart_reminder()

    assert made.diagnostics == []
    message = made.messages["cart_reminder"]
    assert message.title == "Cart reminder"
    assert message.journey == "cart_abandonment"
    assert sorted(message.forms) == ["email", "push"]
    assert sorted(message.modules) == [
        "bestsellers",
        "cart_items",
        "footer",
        "header",
        "recommendations",
    ]
    assert fingerprint(message) == fingerprint(cart_reminder().messages["cart_reminder"])


def test_from_yaml_to_the_texts_that_are_sent() -> None:
    made = cart_reminder()

    push = build(made, "cart_reminder", "push", person(language="de"))
    email = build(made, "cart_reminder", "email", person())

    assert isinstance(push, Built)
    assert dict(push.parts) == {
        "title": "Noch am Überlegen?",
        "body": "Hallo, Tea 1 wartet auf dich.",
        "link": "shop://cart/c1",
    }
    assert isinstance(email, Built)
    assert email.parts["subject"] == "Hello, you left something behind"
    assert email.parts["text"] == (
        "[Shop]\n\n"
        "Good news: your cart is still here.\n\n"
        "[Tea 1]\n\n1 of Tea 1, €19.90\n\n"
        "[Tea 2]\n\n2 of Tea 2, €19.90\n\n"
        "[Tea 3]\n\n3 of Tea 3, €19.90\n\n"
        "and 1 more\n\n"
        "You may also like p1\n\n"
        "Back to my cart: https://shop.example/cart/c1\n\n"
        "Unsubscribe: https://shop.example/u/d1\n"
    )
    assert email.degraded == ()


def test_rules_of_modules_decide() -> None:
    email = build(cart_reminder(), "cart_reminder", "email", person(tier="silver", count=1))

    assert isinstance(email, Built)
    assert "Our bestsellers" in email.parts["text"]
    assert "more" not in email.parts["text"]
    assert email.degraded == ('recommendations: replaced by bestsellers (show if: tier is "gold")',)


def test_an_empty_cart_leaves_its_module_out() -> None:
    email = build(cart_reminder(), "cart_reminder", "email", person(count=0))

    assert isinstance(email, Built)
    assert email.degraded == (
        "cart_items: left out (show if: count of items >= 1)",
        "recommendations: replaced by bestsellers (product_id of recommendations)",
    )


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        (
            "{{ trigger.cart_id }}",
            "{{ trigger.card_id }}",
            """\
error N02  messages/cart_reminder.yaml:12:32
  "trigger" has no property called "card_id".

   12 |   link: shop://cart/{{ trigger.card_id }}
      |                                ^^^^^^^
  Hint: Did you mean "cart_id"?
""",
        ),
        (
            "- use: cart_items",
            "- use: cart_item",
            """\
error N17  messages/cart_reminder.yaml:28:12
  There is no module called "cart_item".

   28 |     - use: cart_item
      |            ^^^^^^^^^
  Hint: Did you mean "cart_items"?
""",
        ),
        (
            "Good news: your cart is still here.",
            "Good news,\n          {{ frist_name }}.",
            """\
error N01  messages/cart_reminder.yaml:26:14
  I do not know "frist_name".

   26 |           {{ frist_name }}.
      |              ^^^^^^^^^^
  Hint: Did you mean "first_name"?
""",
        ),
        (
            "first_name | default('Hello') }}, you left",
            "first_name }}, you left",
            """\
warning W103  messages/cart_reminder.yaml:16:13
  "first_name" can be missing, and then this message cannot be sent on e-mail.

   16 |     en: "{{ first_name }}, you left something behind"
      |             ^^^^^^^^^^
  Hint: Give a fallback: {{ first_name | default("Hi") }}
""",
        ),
        (
            "{{ (trigger.items | first).name }} is",
            "{{ ''.__class__.__mro__ }} is",
            """\
error M11  messages/cart_reminder.yaml:10:55
  "__class__" cannot be used in a text.

   10 |     en: "{{ first_name | default('Hi') }}, your {{ ''.__class__.__mro__ }} is waiting."
      |                                                       ^^^^^^^^^
""",
        ),
        (
            "uses: journey cart_abandonment",
            "uses: journey cart_abandonmet",
            """\
error N11  messages/cart_reminder.yaml:3:15
  There is no journey called "cart_abandonmet".

    3 | uses: journey cart_abandonmet        # makes trigger.value, trigger.items ... known here and checks them
      |               ^^^^^^^^^^^^^^^
  Hint: Did you mean "cart_abandonment"?
""",
        ),
        (
            "with: {items: = trigger.items}",
            "with: {item: = trigger.items}",
            """\
error M03  messages/cart_reminder.yaml:28:12
  The module "cart_items" needs "items".
""",
        ),
        (
            "blocks:",
            "bloks:",
            """\
error S04  messages/cart_reminder.yaml:21:3
  "bloks" does not belong to "email".
""",
        ),
        (
            "- text:",
            "- txet:",
            """\
error S02  messages/cart_reminder.yaml:23:7
  "txet" is not a block.

   23 |     - txet:
      |       ^^^^
  Hint: Did you mean "text"?
""",
        ),
    ],
)
def test_authors_are_told_where_and_what(change: str, to: str, said: str) -> None:
    assert said in cart_reminder(change, to).said


def test_one_mistake_is_one_finding() -> None:
    assert cart_reminder("{{ trigger.cart_id }}", "{{ trigger.card_id }}").codes == ["N02"]
    assert cart_reminder("- use: cart_items", "- use: cart_item").codes == ["N17"]


def test_a_missing_language_is_pointed_at() -> None:
    made = cart_reminder(languages="en, de, fr")

    assert set(made.codes) == {"W120"}
    assert (
        'W120 The language "fr" is missing in push.title; French recipients get English.'
        in made.words
    )
    assert not any(each.stops for each in made.diagnostics)


def test_a_text_without_languages_is_for_everybody() -> None:
    made = shop("messages:\n  hi: {sms: {text: Hello}}", languages="en, de, fr")

    assert made.diagnostics == []


def test_a_language_nobody_speaks_here_is_a_mistake() -> None:
    made = shop("messages:\n  hi: {sms: {text: {en: Hello, ed: Hallo}}}", languages="en, de")

    assert made.words == [
        'W120 The language "de" is missing in sms.text; German recipients get English.',
        'N20 "ed" is not one of the languages of the policy.',
    ]


def test_a_variant_of_a_language_is_one_of_its_own() -> None:
    made = shop(
        "messages:\n  hi: {sms: {text: {en: Hello, de: Hallo, de_at: Servus}}}", languages="en, de"
    )

    assert made.diagnostics == []
    built = build(made, "hi", "sms", person(language="de-AT"))
    assert isinstance(built, Built)
    assert built.parts["text"] == "Servus"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("{{ first_name", "M10", '"{{" is opened here and never closed.'),
        ("{% if points %}x", "M10", 'An "if" or "for" of this text has no end.'),
        ("{% endif %}", "M10", '"endif" stands here without the "if" or "for" it belongs to.'),
        ("{% iff points %}x{% endif %}", "M10", '"iff" is not known in a text.'),
        ("{{ first name }}", "M10", "I cannot read what stands between the curly brackets here."),
        ("{{ " + "(" * 9000 + " }}", "M10", "There are too many brackets inside one another here."),
        ("{{ first_name.upper() }}", "M11", "A text cannot call anything."),
        ("{{ range(9) }}", "M11", "A text cannot call anything."),
        ("{{ 9 ** 9 }}", "M11", "Powers are not calculated in a text."),
        ("{% include 'a' %}", "M11", "This tag is not known in a text."),
        ("{% macro a() %}{% endmacro %}", "M11", "This tag is not known in a text."),
        ("{{ country | uper }}", "M12", 'There is no filter called "uper".'),
        ("{{ country | attr('x') }}", "M12", 'There is no filter called "attr".'),
        ("{{ 'x' if points is oddish }}", "M12", 'There is no test "is oddish" in a text.'),
        ("{{ profile }}", "M12", '"profile" has several parts.'),
        ("{{ country[0] }}", "M12", "Only a list has items with numbers."),
        ("{% for a in country %}{% endfor %}", "M12", "Only a list can be gone through."),
        ("{{ country.name }}", "N02", '"country" has no property called "name".'),
        ("{{ profile.nickname }}", "N01", 'I do not know the attribute "nickname".'),
        ("{{ trigger.cart_id }}", "E143", 'A message cannot use "trigger": it has no journey.'),
        ("{{ entry }}", "N01", 'I do not know "entry".'),
        ("{{ now }}", "N01", 'I do not know "now".'),
        ("{{ _x }}", "M11", '"_x" cannot be used in a text.'),
    ],
)
def test_what_a_text_cannot_say(words: str, code: str, message: str) -> None:
    made = shop(f"messages:\n  hi:\n    sms:\n      text: |-\n        {words}\n")

    assert f"{code} {message}" in made.words


@pytest.mark.parametrize(
    "words",
    [
        "{{ country }}",
        "{{ first_name | default('Hi') }}",
        "{{ first_name or 'Hi' }}",
        "{{ first_name if first_name else 'Hi' }}",
        "{% if first_name %}{{ first_name }}{% endif %}",
        "{% if first_name is defined and country %}{{ first_name }}{% endif %}",
        "{% if not first_name is defined %}Hi{% else %}{{ country }}{% endif %}",
        "{% if points > 3 %}{{ points }}{% endif %}",
        "{% if tier == 'gold' %}{{ tier | title }}{% endif %}",
        "{% if tags %}{% for tag in tags %}{{ tag }}{% if not loop.last %}, {% endif %}{% endfor %}{% endif %}",
        "{{ profile.country }}",
        "{{ unsubscribe_link }} {{ preferences_link }}",
        "{% set name = first_name | default('Hi') %}{{ name }}",
    ],
)
def test_what_cannot_be_missing_is_not_warned_of(words: str) -> None:
    made = shop(f"messages:\n  hi:\n    sms:\n      text: |-\n        {words}\n")

    assert made.diagnostics == []


@pytest.mark.parametrize(
    "words",
    [
        "{{ first_name }}",
        "{{ first_name | upper }}",
        "{{ 'Hi ' ~ first_name }}",
        "{{ points + 1 }}",
        "{{ profile.first_name }}",
        "{% for tag in tags %}{{ tag }}{% endfor %}",
        "{% if not first_name %}{{ first_name }}{% endif %}",
        "{% if first_name or points %}{{ first_name }}{% endif %}",
        "{% if first_name %}Hi{% else %}{{ first_name }}{% endif %}",
        "{% set name = first_name %}{{ name }}",
        "{{ country | default(first_name) }}",
    ],
)
def test_what_can_be_missing_is_warned_of(words: str) -> None:
    made = shop(f"messages:\n  hi:\n    sms:\n      text: |-\n        {words}\n")

    assert set(made.codes) == {"W103"}
    assert not any(each.stops for each in made.diagnostics)


def test_inputs_are_typed_and_may_be_required() -> None:
    made = shop(
        "messages:\n  hi:\n    inputs: {discount: 'whole number, required', code: text}\n"
        "    sms: {text: '{{ discount }} % with {{ code }}'}\n"
    )

    assert made.words == [
        'W103 "code" can be missing, and then this message cannot be sent on SMS.'
    ]
    assert made.messages["hi"].inputs["discount"].kind == Whole()
    assert made.messages["hi"].inputs["discount"].required
    built = build(made, "hi", "sms", person(), discount=15, code="TEA")
    assert isinstance(built, Built)
    assert built.parts["text"] == "15 % with TEA"
    assert build(made, "hi", "sms", person(), code="TEA") == Missing("discount")


def test_an_input_hides_nothing() -> None:
    made = shop(
        "messages:\n  hi:\n    inputs: {tier: text, trigger: text, signed_up: text}\n"
        "    sms: {text: Hello}\n"
    )

    assert made.codes == ["N18", "N18", "N18"]


def test_a_list_of_unknown_records_in_a_message_is_warned_of() -> None:
    made = shop("messages:\n  hi:\n    inputs: {things: list of record}\n    sms: {text: Hello}\n")

    assert made.codes == ["M17"]
