"""What a text message, a notification and a receipt owe to those who get them."""

from __future__ import annotations

import pytest

from tests.dsl.projects import MESSAGES, PLAN, POLICY, compile_small

PLAN_WITH = PLAN.replace("profile:\n", "profile:\n  diagnosis: text, sensitive\n")


def found(code: str, messages: str, steps: str, **files: str) -> list[tuple[int, str]]:
    compiled = compile_small(f"steps:\n{steps}", messages=MESSAGES + messages, **files)
    assert [str(one) for one in compiled.diagnostics if one.stops] == []
    return [(one.span.column, one.message) for one in compiled.diagnostics if one.code == code]


def sms(text: str, category: str = "promotional", code: str = "W175") -> list[str]:
    message = f"  sale:\n    sms: {{text: {text}}}\n"
    step = f"  - {{id: hi, send: sale, to: sms, category: {category}}}\n"
    languages = POLICY.replace("languages: en", "languages: en, de")
    return [said for _, said in found(code, message, step, policy=languages)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Sale!", ["A promotional text message should say how to stop it."]),
        ("Sale! Reply STOP to end", []),
        ("'Sale! {{ unsubscribe_link }}'", []),
        ("'Sale! {{ preferences_link }}'", []),
        ("Nonstop sale!", ["A promotional text message should say how to stop it."]),
        (
            "{en: Sale! STOP to end, de: Jetzt!}",
            ["A promotional text message should say how to stop it in German."],
        ),
        ("{en: Sale! STOP to end, de: Jetzt! Ende mit STOPP}", []),
    ],
)
def test_w175_a_text_message_says_how_it_ends(text: str, said: list[str]) -> None:
    assert sms(text) == said
    assert sms(text, "service") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Sale! STOP to end", ["A promotional text message should say who writes."]),
        ("'Corner Shop: sale!'", []),
        ("'CORNER-STORE: sale!'", []),  # the name that people know, whatever the policy says
        ("The sale of the corner shop", []),
        (
            "https://corner_shop.example",
            ["A promotional text message should say who writes."],
        ),
        ("'Only today! 10:30 to 11:00'", ["A promotional text message should say who writes."]),
        ("'{{ first_name }}: sale!'", ["A promotional text message should say who writes."]),
        (
            "{en: 'Corner Shop: sale!', de: Nur heute!}",
            ["A promotional text message should say who writes in German."],
        ),
    ],
)
def test_w179_a_text_message_says_who_writes(text: str, said: list[str]) -> None:
    assert sms(text, code="W179") == said
    assert sms(text, "service", code="W179") == []


@pytest.mark.parametrize(
    ("title", "body", "names"),
    [
        ("Hello", "Your results are here", []),
        ("Hello", "{{ diagnosis | default('x') }}", ["diagnosis"]),
        ("{{ diagnosis | default('x') }}", "Hello", ["diagnosis"]),
        ("Hello", "{{ email | default('x') }}", []),  # personal, and not sensitive
    ],
)
def test_w176_nothing_sensitive_stands_on_a_locked_screen(
    title: str, body: str, names: list[str]
) -> None:
    message = f'  news:\n    push: {{title: "{title}", body: "{body}"}}\n'
    step = "  - {id: hi, send: news, to: push}\n"

    assert [said for _, said in found("W176", message, step, plan=PLAN_WITH)] == [
        f'A notification is seen on a locked screen, and "{name}" is sensitive.' for name in names
    ]


@pytest.mark.parametrize(
    ("category", "marked", "many"),
    [
        ("service", "yes", 1),
        ("service", "no", 0),
        ("promotional", "yes", 0),
    ],
)
def test_w177_what_advertises_needs_consent(category: str, marked: str, many: int) -> None:
    modules = (
        "modules:\n"
        f"  offers: {{promotional: {marked}, blocks: [{{text: Also for you}}]}}\n"
        "  wrapped: {blocks: [{use: offers}]}\n"
        "  end: {blocks: [{text: '{{ unsubscribe_link }}'}]}\n"
    )
    blocks = "[{text: Thank you}, {use: wrapped}, {use: end}]"
    message = f"  receipt:\n    email: {{subject: Hello, blocks: {blocks}}}\n"
    step = f"  - {{id: hi, send: receipt, to: email, category: {category}}}\n"
    said = found("W177", message, step, modules=modules)

    assert [text for _, text in said] == many * [
        'A service e-mail needs no consent, and the module "offers" is promotional.'
    ]
