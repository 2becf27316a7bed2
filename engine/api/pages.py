"""The pages a recipient sees: plain HTML in their language, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "LANGUAGES",
    "Words",
    "ask",
    "done",
    "language_of",
    "not_now",
    "not_valid",
    "page",
    "words_for",
]


class Words(NamedTuple):
    """The texts of one language. ``{kind}`` is the category, ``{name}`` the sender's project."""

    language: str
    title: str
    question: str
    explanation: str
    button: str
    done: str
    promise: str
    not_valid: str
    not_valid_hint: str
    instead: str  # the link to the preference centre
    not_now: str
    not_now_hint: str


_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        words.language: words
        for words in (
            Words(
                "en",
                "Unsubscribe",
                "Do you want to unsubscribe?",
                "You will then get no more messages of the kind “{kind}” from {name}.",
                "Unsubscribe",
                "You are unsubscribed.",
                "You will get no more messages of the kind “{kind}” from {name}.",
                "This link is not valid.",
                "Please use the link in one of our messages, exactly as it is there.",
                "Choose what you get, and how often",
                "This does not work just now.",
                "Please try again in a few minutes.",
            ),
            Words(
                "de",
                "Abmelden",
                "Möchten Sie sich abmelden?",
                "Sie erhalten dann keine Nachrichten der Art „{kind}“ mehr von {name}.",
                "Abmelden",
                "Sie sind abgemeldet.",
                "Sie erhalten keine Nachrichten der Art „{kind}“ mehr von {name}.",
                "Dieser Link ist nicht gültig.",
                "Bitte verwenden Sie den Link aus einer unserer Nachrichten genau so, wie er dort"
                " steht.",
                "Auswählen, was Sie bekommen und wie oft",
                "Das geht gerade nicht.",
                "Bitte versuchen Sie es in einigen Minuten noch einmal.",
            ),
            Words(
                "fr",
                "Se désabonner",
                "Voulez-vous vous désabonner\u00a0?",
                "Vous ne recevrez alors plus de messages du type «\u00a0{kind}\u00a0» de la part de {name}.",
                "Me désabonner",
                "C'est fait.",
                "Vous ne recevrez plus de messages du type «\u00a0{kind}\u00a0» de la part de {name}.",
                "Ce lien n'est pas valable.",
                "Veuillez utiliser le lien de l'un de nos messages, exactement tel quel.",
                "Choisir ce que vous recevez, et à quel rythme",
                "Cela ne fonctionne pas pour l'instant.",
                "Veuillez réessayer dans quelques minutes.",
            ),
        )
    }
)

LANGUAGES = frozenset(_WORDS)
"""In which we can speak to people."""

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;background:#f6f6f4;color:#222;font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:32rem;margin:12vh auto 0;padding:2rem;background:#fff;border-radius:8px}"
    "h1{margin:0 0 .75rem;font-size:1.35rem}p{margin:0 0 1.25rem}"
    "button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:6px;"
    "background:#22577a;color:#fff;cursor:pointer}a{color:#22577a}"
    ":focus-visible{outline:3px solid #b35900;outline-offset:2px}"
    "form+.more,p+.more{margin:1.25rem 0 0}"
    "@media(max-width:36rem){main{margin:0;border-radius:0;min-height:100vh}}"
)


def language_of(wishes: Sequence[object]) -> str:
    """The first language wished for that we have; English otherwise."""
    for wish in wishes:
        language = str(wish or "").replace("_", "-").partition("-")[0].lower()
        if language in _WORDS:
            return language
    return "en"


def words_for(wishes: Sequence[object]) -> Words:
    """The texts of the first language wished for that we have; English otherwise."""
    return _WORDS[language_of(wishes)]


def ask(words: Words, kind: str, name: str, centre: str) -> str:
    """Asks; following a link must not unsubscribe, because mail scanners follow links too.
    ``centre`` is where they may choose instead.
    """
    explanation = words.explanation.format(kind=kind, name=name)
    form = f'<form method="post"><button>{escape(words.button)}</button></form>'
    return _page(words, words.question, explanation, form + _to_centre(words, centre))


def done(words: Words, kind: str, name: str, centre: str) -> str:
    """Confirms."""
    promise = words.promise.format(kind=kind, name=name)
    return _page(words, words.done, promise, _to_centre(words, centre))


def _to_centre(words: Words, centre: str) -> str:
    return f'<p class="more"><a href="{escape(centre)}">{escape(words.instead)}</a></p>'


def not_valid(words: Words) -> str:
    """Says that the link is not one of ours, whatever it was to be for."""
    return _page(words, words.not_valid, words.not_valid_hint, title=words.not_valid)


def not_now(words: Words) -> str:
    """Says that we cannot look anything up."""
    return _page(words, words.not_now, words.not_now_hint, title=words.not_now)


def _page(words: Words, heading: str, text: str, form: str = "", title: str = "") -> str:
    body = f"<h1>{escape(heading)}</h1><p>{escape(text)}</p>{form}"
    return page(words.language, title or words.title, body)


def page(language: str, title: str, body: str, style: str = "") -> str:
    """A whole page. ``body`` and ``style`` are HTML and CSS already."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
