"""Which words of a file may be names, and which are only read."""

from __future__ import annotations

from dsl.compose import compose
from dsl.source import Source
from dsl.yaml import Map
from engine.library.words import words_in


def words(text: str) -> set[str]:
    node = compose(Source("file.yaml", text), [])
    assert isinstance(node, Map)
    return words_in(node)


def test_rules_are_made_of_names_but_not_what_stands_in_quotation_marks() -> None:
    found = words('journey: first\nexit if: did buy where name is "plan" or profile.tier is tea\n')

    assert {"buy", "tier"} <= found
    assert "plan" not in found


def test_a_field_of_something_is_no_name_of_its_own() -> None:
    found = words("journey: first\none per: trigger.cart_id\n")

    assert "trigger" in found
    assert "cart_id" not in found


def test_what_people_call_things_names_nothing() -> None:
    found = words("journey: first\ntitle: A birthday plan\nnotes: The renewal\nowner: phone\n")

    assert not found & {"birthday", "plan", "renewal", "phone"}


def test_of_a_text_only_the_braces_count() -> None:
    found = words(
        "messages:\n"
        "  hello:\n"
        "    email:\n"
        '      subject: {en: "Your plan, {{ first_name }}{% if birthday %}, today{% endif %}"}\n'
        "      blocks:\n"
        "        - use: header\n"
        "          with: {items: = trigger.items, days: = win_backs + 1}\n"
    )

    assert {"first_name", "birthday", "header", "win_backs"} <= found
    assert not found & {"Your", "plan", "today"}


def test_keys_are_names_too() -> None:
    found = words("journey: first\nsteps:\n  - set profile: {win_backs: 0}\n")

    assert "win_backs" in found
