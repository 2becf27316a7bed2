"""Messages held against the wordings that a provider has approved."""

from __future__ import annotations

import pytest

from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic
from dsl.message import WhatsAppForm
from tests.dsl.projects import HEAD, PLAN, POLICY

APPROVED = """\
  whatsapp:
    approved templates:
      cart_v3:
        category: marketing
        body:
          en_US: Hi {{1}}, {{2}} is waiting.
          de: Hallo {{1}}, {{2}} wartet.
      sent_v1:
        category: utility
        header: image
        button: https://shop.example/o/{{1}}
        body: {en_US: Your order is on its way.}
      late_v1:
        category: utility
        header: Order {{1}}
        body: {en_US: It will be late.}
"""
CART = """\
    approved template: cart_v3
    text: {en: "Hi {{ first_name | default('there') }}, {{ 1 + 1 }} is waiting."}
"""
STEPS = "steps:\n  - {id: hi, send: note, to: whatsapp}\n"


def policy(approved: str = APPROVED, languages: str = "en") -> str:
    listed = POLICY.replace("languages: en", f"languages: {languages}")
    return listed.replace("  sms:\n", f"  sms:\n{approved}")


def found(
    part: str, approved: str = APPROVED, category: str = "promotional", languages: str = "en"
) -> list[Diagnostic]:
    journey = HEAD.replace("category: service", f"category: {category}")
    files = {
        "plan.yaml": PLAN,
        "policy.yaml": policy(approved, languages),
        "messages.yaml": f"messages:\n  note:\n   whatsapp:\n{part}",
        "journey.yaml": journey + STEPS,
    }
    return [one for one in compile_project(files).diagnostics if one.code not in {"W113", "W103"}]


def told(part: str, **more: str) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in found(part, **more)]


def test_a_message_that_says_what_was_approved_is_fine() -> None:
    assert told(CART) == []


def test_nothing_is_said_where_nobody_says_what_was_approved() -> None:
    assert told(CART, approved="  whatsapp: {free text window: 24 hours}\n") == []


def test_m21_a_template_that_nobody_has_approved() -> None:
    (one,) = found(CART.replace("cart_v3", "card_v3"))

    assert one.message == 'There is no approved template called "card_v3".'
    assert one.hint == 'Did you mean "cart_v3"?'


def test_m22_a_wrong_number_of_values_is_found_before_anybody_is_written_to() -> None:
    (one,) = found(CART.replace("{{ 1 + 1 }}", "it"))

    assert one.code == "M22"
    assert one.message == '"cart_v3" takes 2 values in en_US, and this text has 1.'
    assert one.hint == "Approved is: Hi {{1}}, {{2}} is waiting."


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "    approved template: sent_v1\n    text: Your order is on its way.\n",
            [
                '"sent_v1" has a picture above the words, and this message does not say which.',
                '"sent_v1" has a button with a value, and this message does not say which.',
            ],
        ),
        (
            (
                "    approved template: late_v1\n    text: It will be late.\n    image: https://a.example/b\n"
                '    header: "Order {{ 7 }}"\n'
            ),
            ['"late_v1" was approved without a picture above the words.'],
        ),
        (
            (
                "    approved template: sent_v1\n    text: Your order is on its way.\n"
                '    image: https://a.example/b\n    button: "https://other.example/o/{{ 7 }}"\n'
            ),
            ["The button was approved to lead to https://shop.example/o/ and one value."],
        ),
    ],
)
def test_m22_what_stands_above_and_below_the_words(part: str, words: list[str]) -> None:
    made = [one for one in found(part, category="service") if one.code == "M22"]

    assert sorted(one.message for one in made) == sorted(words)


def test_m23_a_language_in_which_it_was_not_approved() -> None:
    part = CART.replace("text: {en:", "text: {fr: 'Salut {{ 1 }}, {{ 2 }}', en:")
    assert told(part, languages="en, fr") == [("M23", '"cart_v3" is not approved in French.')]
    fixed = CART.replace("    text", "    language: nl\n    text")
    assert told(fixed) == [("M23", '"cart_v3" is not approved in Dutch.')]
    one_for_all = CART.replace("{en: ", "").replace('."}', '."')
    assert ("M23", '"cart_v3" is not approved in French.') in told(one_for_all, languages="en, fr")


def test_m24_marketing_does_not_go_as_something_else() -> None:
    part = (
        "    approved template: late_v1\n    text: It will be late.\n    header: 'Order {{ 7 }}'\n"
    )

    assert told(part, category="service") == []
    assert told(part) == [
        ("M24", '"late_v1" is approved as utility, and this message is sent as promotional.')
    ]


def test_w171_other_words_than_were_approved() -> None:
    (one,) = found(CART.replace("is waiting", "is still waiting"))

    assert one.code == "W171"
    assert one.hint == "Approved is: Hi {{1}}, {{2}} is waiting."


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("{category: marketing, body: {english: Hi}}", "S10"),
        ("{category: marketing, body: {en: 'Hi {{2}}'}}", "S10"),
        ("{category: marketing, body: {en: 'Hi {{name}}'}}", "S10"),
        ("{category: marketing, body: {en: 'Hi {{1}} {{1}}'}}", "S10"),
        ("{category: promotional, body: {en: Hi}}", "S09"),
        ("{category: marketing}", "S07"),
        ("{category: marketing, body: {en: Hi}, button: 'https://a.example/'}", "S10"),
        ("{category: marketing, body: {en: Hi}, button: 'http://a.example/{{1}}'}", "S10"),
        ("{category: marketing, body: {en: Hi}, header: '{{1}} {{2}}'}", "S10"),
        ("{category: marketing, body: {en: [Hi]}}", "S08"),
    ],
)
def test_a_declaration_that_no_provider_would_have_approved(declared: str, code: str) -> None:
    approved = f"  whatsapp: {{approved templates: {{cart_v3: {declared}}}}}\n"

    assert code in [one.code for one in found(CART, approved=approved)]


def test_what_belongs_to_an_approved_template_does_not_stand_in_free_text() -> None:
    assert [code for code, _ in told("    text: Hi\n    button: https://a.example/b\n")] == ["S03"]


def test_a_message_knows_what_was_approved() -> None:
    files = {
        "plan.yaml": PLAN,
        "policy.yaml": policy(),
        "messages.yaml": f"messages:\n  note:\n   whatsapp:\n{CART}",
        "journey.yaml": HEAD.replace("category: service", "category: promotional") + STEPS,
    }
    project = compile_project(files).project
    assert project is not None
    form = project.messages["note"].forms["whatsapp"]
    assert isinstance(form, WhatsAppForm)
    assert form.approved is not None

    assert form.approved.code_for("en") == "en_US"
    assert form.approved.code_for("en-GB") == "en_US"
    assert form.approved.code_for("de-AT") == "de"
    assert form.approved.code_for("fr") is None
