"""Texts that are longer than their channel takes, or than anybody sees."""

from __future__ import annotations

from tests.dsl.projects import MESSAGES, POLICY, compile_small


def found(part: str, languages: str = "en") -> list[tuple[str, str]]:
    policy = POLICY.replace("languages: en", f"languages: {languages}").replace(
        "  sms:\n", "  sms:\n  whatsapp: {free text window: 24 hours}\n"
    )
    messages = f"{MESSAGES}  long:\n{part}"
    diagnostics = compile_small(policy=policy, messages=messages).diagnostics
    return [(one.code, one.message) for one in diagnostics]


def test_m25_a_push_that_never_fits() -> None:
    assert found(f"    push: {{title: Hi, body: {'x' * 3590}}}\n") == []
    assert found(f"    push: {{title: Hi, body: {'é' * 1800}}}\n") == [
        ("M25", "The push has at least 3,602 bytes, and 3,600 fit.")
    ]


def test_w172_a_push_that_does_not_fit_with_long_values() -> None:
    body = '"{{ first_name | default(1) }}' + "x" * 3590 + '"'

    assert found(f"    push: {{title: {{en: Hi, de: Hallo}}, body: {body}}}\n", "en, de") == [
        ("W172", "The push has 3,607 bytes in English with the longest values, and 3,600 fit."),
        ("W172", "The push has 3,610 bytes in German with the longest values, and 3,600 fit."),
    ]


def test_m25_a_whatsapp_message_that_never_fits() -> None:
    free = found(f"    whatsapp: {{text: {'x' * 4097}}}\n")
    approved = found(f"    whatsapp: {{approved template: a, text: {'x' * 1025}}}\n")

    assert free == [("M25", "The WhatsApp message has at least 4,097 letters, and 4,096 fit.")]
    assert approved == [("M25", "The WhatsApp message has at least 1,025 letters, and 1,024 fit.")]


def test_w173_a_subject_that_nobody_reads_to_its_end() -> None:
    def subject(words: str) -> list[tuple[str, str]]:
        return found(f"    email: {{subject: {words}, blocks: [{{text: Hi}}]}}\n")

    assert subject("x" * 80) == []
    assert subject("x" * 81) == [("W173", "The subject has 81 letters, and inboxes show about 60.")]


def test_w174_a_letter_of_which_gmail_hides_the_end() -> None:
    """A loop is as long as it may become."""
    words = "x" * 4000
    blocks = f"[{{text: {words}}}]"
    loop = "- {for each: one in tiers, at most: %d, show: " + blocks + "}\n"
    part = (
        "    inputs: {tiers: list of text}\n    email:\n      subject: Hi\n      blocks:\n        "
    )

    assert found(part + loop % 20) == []
    assert found(part + loop % 30) == [
        ("W174", "The e-mail has about 132 KB in English, and Gmail shows 102.")
    ]
