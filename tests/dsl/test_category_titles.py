"""What people call a kind of messages: the words that stand on the pages they see."""

from __future__ import annotations

import pytest

from dsl.compiler import Compiled, compile_project
from dsl.machine import Category
from tests.engine.scene import SHOP


def with_title(text: str, languages: str = "en, de") -> Compiled:
    policy = SHOP["policy.yaml"].replace("languages: en", f"languages: {languages}")
    policy = policy.replace("{consent: required}", f"{{consent: required, title: {text}}}")
    return compile_project({**SHOP, "policy.yaml": policy})


def promotional(made: Compiled) -> Category:
    assert made.project is not None
    return made.project.policy.categories["promotional"]


@pytest.mark.parametrize(
    ("title", "language", "words"),
    [
        ("News and offers", "de", "News and offers"),
        ("{en: News, de: Neues, de-AT: Neuigkeiten}", "de", "Neues"),
        ("{en: News, de: Neues, de-AT: Neuigkeiten}", "de-AT", "Neuigkeiten"),
        ("{en: News, de: Neues, de-AT: Neuigkeiten}", "de-CH", "Neues"),
        ("{en: News, de: Neues}", "fr", "News"),
    ],
)
def test_a_title_is_a_text_or_one_per_language(title: str, language: str, words: str) -> None:
    assert promotional(with_title(title)).title(language, "en") == words


def test_without_a_title_the_name_stands_there() -> None:
    made = compile_project(
        {**SHOP, "policy.yaml": SHOP["policy.yaml"].replace("promotional:", "special_offers:")}
    )

    assert made.project is not None
    assert made.project.policy.categories["special_offers"].title("en") == "Special offers"


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("{en: News, fr: Nouvelles, de: Neues}", "N20"),
        ("{en: News}", "W120"),
        ('"News for {{ first_name }}"', "N01"),
        ("[News]", "S08"),
    ],
)
def test_mistakes_are_pointed_at(title: str, code: str) -> None:
    """A title stands on a page for everybody: nobody's name is known in it."""
    found = [each for each in with_title(title).diagnostics if each.span.path == "policy.yaml"]

    assert [each.code for each in found] == [code]
