"""Modules, blocks and the messages that are made of them, and what their authors are told."""

from __future__ import annotations

import pytest

from channels.content import Built
from dsl.compiler import compile_project
from dsl.kinds import ListOf, Money, Record, Text, Whole
from dsl.message import EmailForm, PushForm, Use, WhatsAppForm
from tests.dsl.messages.cart import build, person
from tests.dsl.messages.shop import PLAN, POLICY, shop


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
        "policy.yaml": POLICY.format(languages="en") + "postal address: Shop, Berlin\n",
        "modules.yaml": "modules:\n  footer: {required in: email, blocks: [{text: Bye}]}\n",
        "messages.yaml": "messages:\n  hi: {email: {subject: Hi, blocks: [{text: Hi}]}}\n",
    }

    def codes(category: str) -> list[str]:
        made = compile_project({**files, "hello.yaml": journey.format(category=category)})
        return [each.code for each in made.diagnostics]

    assert codes("promotional") == ["E122"]
    assert codes("service") == []
