"""Text messages in more parts than one thinks, or than they may take."""

from __future__ import annotations

from dsl.diagnostics import Diagnostic
from tests.dsl.projects import MESSAGES, POLICY, compile_small


def sms(text: str, more: str = "") -> list[Diagnostic]:
    languages = POLICY.replace("languages: en", "languages: en, de")
    message = f"  long:\n    sms: {{text: {{en: Hi, de: '{text}'}}{more}}}\n"
    return list(compile_small(policy=languages, messages=MESSAGES + message).diagnostics)


def w121(text: str, more: str = "") -> list[str]:
    return [one.message for one in sms(text, more) if one.code == "W121"]


def hints(text: str, more: str = "") -> list[str | None]:
    return [one.hint for one in sms(text, more) if one.code in {"W121", "M20"}]


def test_w121_a_text_message_in_two_parts() -> None:
    assert w121("x" * 160) == []
    assert w121("x" * 161) == ["The SMS needs 2 parts in German (161 characters, 160 fit)."]
    assert w121("x" * 307) == ["The SMS needs 3 parts in German (307 characters, 160 fit)."]
    assert w121('{{ first_name | default("du") }}' + "x" * 150) == [
        "The SMS needs 2 parts in German (165 characters with the longest names, 160 fit)."
    ]


def test_w121_letters_outside_of_the_alphabet_take_more_room() -> None:
    assert w121("ä" * 160) == []
    assert w121("€" * 81) == ["The SMS needs 2 parts in German (162 characters, 160 fit)."]
    assert w121("ë" + "x" * 69) == []
    assert w121("ë" + "x" * 70) == ["The SMS needs 2 parts in German (71 characters, 70 fit)."]
    assert w121("😀" * 36) == ["The SMS needs 2 parts in German (72 characters, 70 fit)."]


def test_w121_one_typographic_sign_costs_nothing_unless_it_is_to_stay() -> None:
    """Written in an editor that curls quotation marks, a text would be twice as dear."""
    text = "“" + "x" * 70

    assert w121(text) == []
    assert w121(text, ", characters: as written") == [
        "The SMS needs 2 parts in German (71 characters, 70 fit)."
    ]
    assert hints(text, ", characters: as written") == [
        (
            'Because of “ only 70 characters fit, and not 160. Without "characters: as written"'
            " plain ones stand in their place."
        )
    ]


def test_w121_names_what_makes_a_text_wide() -> None:
    assert hints("“Zoë”, ë 😀" + "x" * 70) == [
        "Because of ë 😀 only 70 characters fit, and not 160."
    ]
    assert hints("x" * 161) == [None]
    assert hints("\u041f\u0440\u0438\u0432\u0435\u0442" * 20) == [None]


def test_w121_values_are_as_long_as_their_kinds_say() -> None:
    """A whole number of points is short, a date is long, and of two branches the longer counts."""
    assert w121("{{ points | default(0) }}" + "x" * 155) == []
    assert w121("{{ renewal_date | default(1) }}" + "x" * 155)[0].startswith(
        "The SMS needs 2 parts"
    )
    assert w121('{{ first_name | default("du") | truncate(5) }}' + "x" * 153) == []
    assert w121("{% if points %}" + "x" * 161 + "{% else %}x{% endif %}") == [
        "The SMS needs 2 parts in German (161 characters, 160 fit)."
    ]


def test_w121_an_author_says_how_many_parts_a_text_may_take() -> None:
    assert w121("x" * 300, ", at most: 2 parts") == []
    assert w121('{{ first_name | default("du") }}' + "x" * 300, ", at most: 2 parts") == [
        "The SMS needs 3 parts in German (315 characters with the longest names, 160 fit)."
    ]


def test_m20_a_text_that_never_fits_into_what_it_may_take() -> None:
    found = [one for one in sms("x" * 307, ", at most: 2") if one.code == "M20"]

    assert [one.message for one in found] == [
        "The SMS needs at least 3 parts in German (307 characters), and at most 2 may be sent."
    ]
    assert [one.code for one in sms("x", ", at most: 11 parts")] == ["S09"]
    assert [one.code for one in sms("x", ", at most: none")] == ["S09"]
