"""What is answered to STOP, START and HELP: short, in every language, and without advertising."""

from __future__ import annotations

import dataclasses

import pytest

from channels.replies import Word
from dsl.policy import Replies
from engine.core.wordings import WORDINGS, wording
from tests.engine.scene import SHOP, compiled

POLICY = compiled(SHOP).policy
COMPANY = "Blumenhaus am Markt"
WORDS: tuple[Word, ...] = ("stop", "start", "help")


def said(language: str, word: Word, contact: str = "", **texts: dict[str, str]) -> str:
    replies = Replies(contact=contact, texts=texts)
    policy = dataclasses.replace(POLICY, name=COMPANY, replies=replies)
    return wording(policy, word, language)


def test_every_language_has_all_of_them() -> None:
    assert {"en", "de", "fr", "es", "it", "pt", "nl"} == WORDINGS.keys()
    assert all(texts.keys() == {*WORDS, "contact"} for texts in WORDINGS.values())


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize("word", WORDS)
def test_it_says_who_writes_and_fits_into_160_characters(language: str, word: Word) -> None:
    text = said(language, word, "help@blumenhaus.example")

    assert text.startswith(COMPANY)
    assert len(text) <= 160
    assert "{" not in text
    assert ("help@blumenhaus.example" in text) == (word == "help")


@pytest.mark.parametrize("language", WORDINGS)
def test_what_confirms_says_how_to_undo_it_and_links_nowhere(language: str) -> None:
    assert said(language, "stop").endswith("START")
    assert "STOP" in said(language, "start")
    assert "STOP" in said(language, "help")
    assert not any("http" in said(language, word) for word in WORDS)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-AT", "Baba"),
        ("de-CH", "Tschüss"),
        ("en", "Tschüss"),  # the first language of the company has none
        ("fr", "Tschüss"),
    ],
)
def test_the_companys_own_words_are_for_the_language_or_the_next_best(
    language: str, text: str
) -> None:
    assert said(language, "stop", stop={"de": "Tschüss", "de-AT": "Baba"}) == text
    assert said(language, "start").startswith(COMPANY)
