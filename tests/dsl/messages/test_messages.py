"""Messages and modules from YAML: what becomes of them, and what their authors are told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from channels.content import Built, Missing
from channels.content.library import Library
from dsl.compiler import compile_project
from dsl.expr.context import Context, Happened
from dsl.kinds import ListOf, Money, Record, Text, Whole
from dsl.machine import fingerprint
from dsl.message import EmailForm, PushForm, Use, WhatsAppForm
from tests.dsl.messages.shop import PLAN, POLICY, Made, shop

CART_REMINDER = """\
message: cart_reminder
title: Cart reminder
uses: journey cart_abandonment        # makes trigger.value, trigger.items ... known here and checks them

push:
  title:
    en: Still thinking it over?
    de: Noch am Überlegen?
  body:
    en: "{{ first_name | default('Hi') }}, your {{ (trigger.items | first).name }} is waiting."
    de: "{{ first_name | default('Hallo') }}, {{ (trigger.items | first).name }} wartet auf dich."
  link: shop://cart/{{ trigger.cart_id }}

email:
  subject:
    en: "{{ first_name | default('Hello') }}, you left something behind"
    de: "{{ first_name | default('Hallo') }}, da liegt noch etwas im Warenkorb"
  preview:
    en: We saved your cart for you.
    de: Wir haben deinen Warenkorb gespeichert.
  blocks:
    - use: header
    - text:
        en: |
          Good news: your cart is still here.
        de: |
          Gute Nachricht: Dein Warenkorb ist noch da.
    - use: cart_items
      with: {items: = trigger.items}
    - use: recommendations
      with: {product_id: = first trigger.items.product_id}
      if missing: leave out           # leave out | use: other_module | do not send
    - button: {en: Back to my cart, de: Zum Warenkorb}
      link: https://shop.example/cart/{{ trigger.cart_id }}
    - use: footer
"""

MODULES = """\
modules:
  header:
    blocks:
      - image: https://cdn.shop.example/logo.png
        alt: Shop
  footer:
    required in: email
    blocks:
      - text: {en: "Unsubscribe: {{ unsubscribe_link }}", de: "Abmelden: {{ unsubscribe_link }}"}
  cart_items:
    inputs:
      items: list of record, required
    show if: count of items >= 1
    blocks:
      - for each: item in items
        at most: 3
        show:
          - image: "{{ item.image_url | default('https://cdn.shop.example/blank.png') }}"
            alt: "{{ item.name }}"
          - text: "{{ item.quantity }} of {{ item.name }}, {{ item.price }}"
      - if: count of items > 3
        show:
          - text: {en: "and {{ items | length - 3 }} more", de: "und {{ items | length - 3 }} weitere"}
  recommendations:
    inputs:
      product_id: text
    requires: product_id
    show if: tier is "gold"
    otherwise: {use: bestsellers}
    blocks:
      - text: {en: "You may also like {{ product_id }}", de: "Dazu passt {{ product_id }}"}
  bestsellers:
    blocks:
      - text: {en: Our bestsellers, de: Unsere Bestseller}
"""


def cart_reminder(change: str = "", to: str = "", languages: str = "en, de") -> Made:
    assert not change or change in CART_REMINDER
    words = CART_REMINDER.replace(change, to, 1) if change else CART_REMINDER
    return shop(words, MODULES, languages=languages, path="messages/cart_reminder.yaml")


def person(tier: str = "gold", language: str = "en", count: int = 4) -> Context:
    items = [
        {"product_id": f"p{number}", "name": f"Tea {number}", "price": 1990, "quantity": number}
        for number in range(1, count + 1)
    ]
    return Context(
        now=0,
        zone=ZoneInfo("Europe/Berlin"),
        attributes={"tier": tier, "country": "DE"},
        trigger=Happened("cart_updated", 0, 0, 1, {"cart_id": "c1", "value": 9900, "items": items}),
        language=language,
    )


def build(
    made: Made, name: str, channel: str, context: Context, **values: object
) -> Built | Missing:
    assert made.diagnostics == [] or not any(each.stops for each in made.diagnostics), made.said
    library = Library(made.messages, made.policy.languages, lambda d: f"https://shop.example/u/{d}")
    return library.build(name, channel, context, values, "d1")


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
        "{{ unsubscribe_link }}",
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


def test_a_module_is_checked_against_what_it_is_given() -> None:
    made = shop(
        "messages:\n"
        "  hi:\n"
        "    uses: journey cart_abandonment\n"
        "    email: {subject: Hi, blocks: [{use: list, with: {items: = trigger.items}}]}\n",
        "modules:\n"
        "  list:\n"
        "    inputs: {items: list of record}\n"
        "    show if: count of items >= 1\n"
        "    blocks:\n"
        "      - for each: item in items\n"
        "        show: [{text: '{{ item.prize }}'}, {if: item.price > 10 EUR, show: [{text: Dear}]}]\n",
    )

    assert made.words == ['N02 "item" has no property called "prize".']
    assert made.diagnostics[0].hint == 'Did you mean "price"?'


def test_one_module_can_be_given_lists_of_two_kinds() -> None:
    made = shop(
        "messages:\n"
        "  hi:\n"
        "    uses: journey cart_abandonment\n"
        "    inputs: {others: [{name: text, price: whole number}]}\n"
        "    email:\n"
        "      subject: Hi\n"
        "      blocks:\n"
        "        - {use: list, with: {items: = trigger.items}}\n"
        "        - {use: list, with: {items: = others}}\n",
        "modules:\n"
        "  list:\n"
        "    inputs: {items: list of record}\n"
        "    show if: items is known\n"
        "    blocks:\n"
        "      - for each: item in items\n"
        "        show: [{text: '{{ item.name }} {{ item.price }}'}]\n",
    )
    assert made.diagnostics == [], made.said

    form = made.messages["hi"].forms["email"]
    assert isinstance(form, EmailForm)
    assert [block.module for block in form.blocks if isinstance(block, Use)] == ["list", "list 2"]
    kinds = [made.messages["hi"].modules[name].inputs["items"].kind for name in ("list", "list 2")]
    assert [
        dict(kind.item.fields)["price"]
        for kind in kinds
        if isinstance(kind, ListOf) and isinstance(kind.item, Record)
    ] == [Money("EUR"), Whole()]
    built = build(made, "hi", "email", person(count=1), others=[{"name": "Pot", "price": 3}])
    assert isinstance(built, Built)
    assert built.parts["text"] == "Tea 1 €19.90\n\nPot 3\n"


def test_modules_in_a_circle_are_a_mistake() -> None:
    made = shop(
        "messages:\n  hi: {email: {subject: Hi, blocks: [{use: a}]}}",
        "modules:\n"
        "  a: {blocks: [{text: A}], show if: country is 'DE', otherwise: {use: b}}\n"
        "  b: {blocks: [{columns: [{use: c}]}]}\n"
        "  c: {blocks: [{if: country is 'DE', show: [{use: a}]}]}\n",
    )

    assert made.words == ["E148 Circle: a uses b, b uses c, and c uses a."]


def test_a_module_that_uses_itself_is_a_circle_even_if_nobody_uses_it() -> None:
    made = shop("messages:\n  hi: {sms: {text: Hi}}", "modules:\n  a: {blocks: [{use: a}]}\n")

    assert made.words == ["E148 Circle: a uses a."]


def test_modules_that_nobody_uses_are_checked_too() -> None:
    made = shop(
        "messages:\n  hi: {sms: {text: Hi}}", "modules:\n  a: {blocks: [{text: '{{ nope }}'}]}\n"
    )

    assert made.codes == ["N01"]


def test_a_module_has_no_trigger() -> None:
    made = shop(
        "messages:\n  hi: {uses: journey cart_abandonment, email: {subject: Hi, blocks: [{use: a}]}}",
        "modules:\n  a: {show if: trigger.value > 5 EUR, blocks: [{text: '{{ trigger.value }}'}]}\n",
    )

    assert made.words == [
        'E143 A module cannot use "trigger": it has no journey.',
        'E143 A module cannot use "trigger": it has no journey.',
    ]


def test_a_journey_with_mistakes_does_not_make_mistakes_of_its_messages() -> None:
    made = shop(
        "messages:\n"
        "  hi:\n"
        "    uses: journey broken\n"
        "    email:\n"
        "      subject: '{{ trigger.anything.at_all }}'\n"
        "      blocks: [{use: a, with: {x: = trigger.anything}}]\n",
        "modules:\n  a: {inputs: {x: text}, blocks: [{text: A}]}\n",
    )

    assert made.diagnostics == []


def test_a_trigger_without_properties_has_its_time() -> None:
    made = shop(
        "messages:\n  hi: {uses: journey welcome, sms: {text: '{{ trigger.time }}{{ trigger.x }}'}}"
    )

    assert made.words == ['N02 "trigger" has no property called "x".']


def test_fetching_is_not_built_yet_and_says_so() -> None:
    made = shop(
        "messages:\n  hi: {email: {subject: Hi, blocks: [{use: a}]}}",
        "modules:\n  a:\n    inputs: {x: text}\n    fetch: recommend\n    with: {x: = x}\n"
        "    show if: count of recommend.items >= 2\n    blocks: [{text: '{{ recommend.title }}'}]\n",
    )

    assert made.words == ['S90 "fetch" is not built yet.']


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ("{sms: {}}", "S07", '"text" is missing in "sms".'),
        ("{sms: {text: ''}}", "S08", 'Nothing stands after "text".'),
        ("{sms: {text: [a]}}", "S08", '"text" should be a text.'),
        ("{sms: {text: {en: [a]}}}", "S08", 'One text belongs after "en".'),
        ("{title: Hi}", "S07", 'The message "hi" says nothing on any channel.'),
        ("{push: {title: Hi}}", "S07", '"body" is missing in "push".'),
        ("{fax: {text: Hi}}", "S04", '"fax" does not belong to "hi".'),
        ("{uses: welcome, sms: {text: Hi}}", "S09", None),
        ("{email: {subject: Hi, blocks: [Hello]}}", "S08", "Here should be a block."),
        ("{email: {subject: Hi, blocks: [{image: x.png}]}}", "S07", '"alt" is missing in "image".'),
        ("{email: {subject: Hi, blocks: [{button: Go}]}}", "S07", '"link" is missing in "button".'),
        ("{email: {subject: Hi, blocks: [{text: Hi, link: x}]}}", "S04", None),
        (
            "{email: {subject: Hi, blocks: [{for each: tags, show: []}]}}",
            "S09",
            '"for each" needs a name for the item and the list.',
        ),
        (
            "{email: {subject: Hi, blocks: [{for each: x in country, show: []}]}}",
            "T12",
            '"country" is not a list.',
        ),
        (
            "{email: {subject: Hi, blocks: [{for each: x in tags, at most: few, show: []}]}}",
            "S09",
            '"at most" is a whole number from 1 to 1000.',
        ),
        ("{email: {subject: Hi, blocks: [{if: contry is 'DE', show: []}]}}", "N01", None),
        (
            "{whatsapp: {approved template: a, text: '{% if tier %}x{% endif %}'}}",
            "M16",
            "An approved wording cannot change, so it cannot contain tags.",
        ),
        (
            "{whatsapp: {language: en, text: Hi}}",
            "S03",
            '"language" belongs to an approved template, and there is none here.',
        ),
    ],
)
def test_what_a_message_cannot_be(message: str, code: str, words: str | None) -> None:
    made = shop(f"messages:\n  hi: {message}\n")

    assert code in made.codes, made.said
    if words is not None:
        assert f"{code} {words}" in made.words


def test_all_blocks_can_be_written() -> None:
    made = shop(
        "messages:\n"
        "  hi:\n"
        "    email:\n"
        "      subject: Hi\n"
        "      blocks:\n"
        "        - text: A\n"
        "        - divider\n"
        "        - divider:\n"
        "        - image: https://cdn.shop.example/a.png\n"
        "          alt: B\n"
        "        - button: C\n"
        "          link: https://shop.example\n"
        "        - columns:\n"
        "            - text: D\n"
        "            - - text: E\n"
        "              - text: F\n"
        "        - for each: tag in tags\n"
        "          at most: 1\n"
        "          show: [{text: '{{ tag }}'}]\n"
        '        - if: country is "DE"\n'
        "          show: [{text: G}]\n"
        "        - html: <p>H</p>\n"
        "        - use: a\n"
        "          if missing: {use: b}\n",
        "modules:\n  a: {blocks: [{text: '{{ first_name }}'}]}\n  b: {blocks: [{text: I}]}\n",
    )
    assert set(made.codes) == {"W103"}, made.said

    built = build(made, "hi", "email", person())

    assert isinstance(built, Built)
    rule = "-" * 40
    assert built.parts["text"].split() == [
        "A",
        rule,
        rule,
        "[B]",
        "C:",
        "https://shop.example",
        "D",
        "E",
        "F",
        "G",
        "H",
        "I",
    ]


def test_whatsapp_takes_the_language_of_the_reader_or_its_own() -> None:
    made = shop(
        "messages:\n"
        "  a: {whatsapp: {approved template: v2, language: same as recipient, text: Hi}}\n"
        "  b: {whatsapp: {approved template: v3, language: en_US, text: Hi}}\n"
    )
    assert made.diagnostics == []

    same = made.messages["a"].forms["whatsapp"]
    assert isinstance(same, WhatsAppForm)
    assert (same.approved_template, same.language) == ("v2", None)
    form = made.messages["b"].forms["whatsapp"]
    assert isinstance(form, WhatsAppForm)
    assert form.language == "en_US"


def test_two_messages_of_one_name_are_a_mistake() -> None:
    made = shop(
        "messages:\n  hi: {sms: {text: A}}\n", more={"z.yaml": "message: hi\nsms: {text: B}\n"}
    )

    assert made.words == ['S14 There are two messages called "hi".']


def test_a_promotional_email_needs_its_footer() -> None:
    blocks = "{email: {subject: Hi, blocks: [%s]}}"
    modules = (
        "modules:\n"
        "  footer: {required in: email, blocks: [{text: Bye}]}\n"
        "  end: {blocks: [{use: footer}]}\n"
        "  maybe: {show if: country is 'DE', blocks: [{use: footer}]}\n"
    )

    def check(inside: str, category: str = "promotional") -> list[str]:
        made = shop("messages:\n  hi:\n    " + (blocks % inside)[1:-1] + "\n", modules)
        assert made.diagnostics == [], made.said
        return made.check_sent(category)

    assert check("{use: footer}") == []
    assert check("{use: end}") == []
    assert check("{columns: [{text: A}, {use: footer}]}") == []
    assert check("{text: A}", "service") == []
    assert check("{text: A}")[:2] == [
        "error E122  messages.yaml:3:5",
        '  A promotional e-mail needs the module "footer" (modules.yaml: required in email).',
    ]
    for hidden in (
        "{use: maybe}",
        "{use: footer, if missing: leave out}",
        "{if: country is 'DE', show: [{use: footer}]}",
        "{for each: t in tags, show: [{use: footer}]}",
    ):
        said = check(hidden)
        assert "E122" in said[0]
        assert "  Hint: It is there, but not always: it must not depend on anything." in said


def test_a_required_module_depends_on_nothing() -> None:
    made = shop(
        "messages:\n  hi: {sms: {text: Hi}}",
        "modules:\n"
        "  a: {required in: email, show if: country is 'DE', blocks: [{text: A}]}\n"
        "  b: {required in: email, otherwise: {use: a}, blocks: [{text: B}]}\n"
        "  c: {required in: sms, blocks: [{text: C}]}\n"
        "  d: {required in: emial, blocks: [{text: D}]}\n",
    )

    assert made.codes == ["M14", "M14", "M14", "N09"]


def test_push_links_and_pictures_are_texts_too() -> None:
    made = shop(
        "messages:\n  hi:\n    push:\n      title: A\n      body: B\n"
        "      link: shop://{{ country }}\n      image: https://cdn.shop.example/{{ country }}.png\n"
    )
    assert made.diagnostics == []

    form = made.messages["hi"].forms["push"]
    assert isinstance(form, PushForm)
    assert form.link is not None
    assert form.link[""].kinds == {"country": Text()}
    built = build(made, "hi", "push", person())
    assert isinstance(built, Built)
    assert built.parts["image"] == "https://cdn.shop.example/DE.png"


def test_the_project_is_told_of_a_promotional_email_without_its_footer() -> None:
    """Whether consent is needed is known only from the journeys that send the message."""
    journey = (
        "journey: hello\ncategory: {category}\ntrigger: {{event: signed_up}}\n"
        "steps:\n  - id: hi\n    send: hi\n    to: email\n"
    )
    files = {
        "tracking_plan.yaml": PLAN,
        "policy.yaml": POLICY.format(languages="en"),
        "modules.yaml": "modules:\n  footer: {required in: email, blocks: [{text: Bye}]}\n",
        "messages.yaml": "messages:\n  hi: {email: {subject: Hi, blocks: [{text: Hi}]}}\n",
    }

    def codes(category: str) -> list[str]:
        made = compile_project({**files, "hello.yaml": journey.format(category=category)})
        return [each.code for each in made.diagnostics]

    assert codes("promotional") == ["E122"]
    assert codes("service") == []
