"""What is obeyed, and what is a message like any other."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.words.reading import keywords, plain, read_keywords

LISTED = list(read_keywords((files("channels.words") / "words.tsv").read_text(encoding="utf-8")))


def test_every_word_has_a_language_a_source_and_a_date() -> None:
    assert all(all(each) for each in LISTED)
    assert len({(each.words, each.meaning) for each in LISTED}) == len(LISTED)
    assert {each.language for each in LISTED} == {"en", "de", "fr", "es", "it", "pt", "nl"}


def test_no_word_alone_means_two_things() -> None:
    whole = [each.words for each in LISTED if each.meaning in ("stop", "start", "yes", "help")]

    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP!!!",
        "„Stop“",
        "stop\n",
        "\uff33\uff34\uff2f\uff30",
        "s t o p",
        "S.T.O.P.",
        "🛑 stop",
    ],
)
def test_stop_however_it_is_written(text: str) -> None:
    assert keywords().read(text) == "stop"


@pytest.mark.parametrize(
    "word",
    [
        *("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),
        *("stopall", "optout", "opt-out", "remove", "arret", "ARRÊT", "Opt-Out"),
    ],
)
def test_the_words_of_the_law(word: str) -> None:
    for text in (word, word.upper(), f"{word} please", f"Please {word}!", f"{word}, thanks"):
        assert keywords().read(text) == "stop", text


@pytest.mark.parametrize(
    "text",
    [
        "Abmelden bitte",
        "Désabonnement, merci",
        "BAJA por favor",
        "Disiscrivi",
        "SAIR",
        "Uitschrijven alstublieft",
        "Kündigen",
    ],
)
def test_other_languages(text: str) -> None:
    assert keywords().read(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Please stop",
        "stop sending me this crap",
        "Can you stop?",
        "how do I unsubscribe from this",
        "pls take me off your list",
        "I never signed up for any of this and I would like you to stop sending me messages, thank you",
        "Remove me from this list NOW",
        "don't text me again",
        "do not text me",
        "leave me alone!!",
        "no more texts",
        "Bitte keine Nachrichten mehr",
        "Je ne veux plus recevoir vos messages: ne plus recevoir",
        "I said don't stop before, but now stop",
        "UNSUBSCRIBE ME FROM EVERYTHING",
        "when does the sale stop?",  # in doubt
    ],
)
def test_whoever_asks_in_words_of_their_own_is_left_alone(text: str) -> None:
    assert keywords().read(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "don't stop",
        "Don’t stop, I love these!",
        "please do not stop",
        "can I stop by the shop?",
        "Stop by the shop?",
        "I am at the bus stop",
        "which is the next stop",
        "a one-stop shop",
        "it worked non-stop",
        "Full stop.",
        "I don't want to unsubscribe",
        "please cancel my order",
        "can you cancel my appointment tomorrow",
        "the end",
        "when does it end?",
        "remove the blue one, please",
        "I quit smoking",
        "my parcel did not stop at the office although somebody waited there all day long",
        "nonstop",
        "stopwatch",
        "Yes, a lot",
        "help me choose a size",
        "more info about the green one",
        "start at nine?",
        "",
        "👍",
    ],
)
def test_a_message_like_any_other(text: str) -> None:
    assert keywords().read(text) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("START", "start"),
        ("unstop", "start"),
        ("Yes", "yes"),
        ("YES please!", "yes"),
        ("Sí", "yes"),
        ("help", "help"),
        ("HELP!", "help"),
        ("info", "help"),
        ("Hilfe bitte", "help"),
    ],
)
def test_other_words(text: str, meaning: str) -> None:
    assert keywords().read(text) == meaning


@given(st.text(max_size=60))
def test_whatever_is_written_is_read(text: str) -> None:
    assert keywords().read(text) in ("stop", "start", "yes", "help", None)
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "line", ["stop\tstop\ten\tsomebody", "stop\thalt\ten\tx\t2026", "STOP\tstop\ten\tx\t2026"]
)
def test_a_line_that_is_not_as_it_should_be_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(read_keywords(line))
